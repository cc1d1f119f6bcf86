from diorama import Camera, Environment, Material, Plane, Scene, Sphere, Sun, render

scene = Scene(size=(640, 480), fps=24, duration=2, seed=7)
scene.environment = Environment(color=(0.4, 0.55, 0.75))
scene.add(Sun(direction=(-2, -2, 0.5), illuminance=4), name="sun")
scene.add(Plane(size=(40, 40)), name="floor", material=Material(base_color="#b0a090", roughness=0.9))
ball = scene.add(Sphere(radius=0.5), name="ball", material=Material(base_color=(0.8, 0.1, 0.05), roughness=0.3))
ball.keys("position", {0: (0, 2, 0), 1.5: (0, 0.5, 0)}, ease="out_bounce")
scene.camera = Camera(position=(3, 2, 4), look_at=(0, 1, 0), fov=40)
render(scene, "ball.mp4")
