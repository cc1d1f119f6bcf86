import numpy as np
import pytest

from diorama.finish import finish
from diorama.finish.noise import SensorNoise, grain
from diorama.scene.schema import Finish, Grain, Keys, Noise

GREY = np.full((64, 48, 3), 0.18, np.float32)


@pytest.mark.parametrize("light", [0.05, 0.5, 4.0])
@pytest.mark.parametrize(("electrons", "read"), [(1000.0, 0.0), (5000.0, 20.0)])
def test_the_variance_is_that_of_counting_and_of_reading(light, electrons, read):
    """Mean and variance over 300,000 values, whose own relative errors are below 1 %."""
    plain = np.full((100, 1000, 3), light, np.float32)
    noisy = SensorNoise(1, 0, electrons=electrons, read_noise=read).add(plain).astype(float)
    np.testing.assert_allclose(noisy.mean(), light, rtol=2e-3)
    np.testing.assert_allclose(noisy.var(), (light * electrons + read**2) / electrons**2, rtol=0.02)


def test_values_of_a_pixel_are_independent_and_none_is_negative():
    noisy = SensorNoise(1, 0, electrons=50, read_noise=9).add(np.full((300, 300, 3), 0.1, np.float32))
    assert noisy.min() == 0
    correlation = np.corrcoef(noisy.reshape(-1, 3).T)
    assert np.abs(correlation - np.eye(3)).max() < 0.02


def test_doubling_iso_doubles_the_variance():
    def variance(iso):
        image = finish(np.full((300, 300, 3), 0.5, np.float32), Finish(tone="none", noise=Noise(iso=iso, read_noise=0)))
        return image.astype(float).var()

    assert variance(3200) / variance(1600) == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize("fields", [{"noise": Noise(iso=6400)}, {"grain": Grain(strength=0.5)}])
def test_it_is_a_function_of_seed_and_frame(fields):
    def picture(**options):
        return finish(GREY, Finish(**fields), **options)

    np.testing.assert_array_equal(picture(seed=3, frame=7), picture(seed=3, frame=7))
    assert (picture(seed=3, frame=7) != picture(seed=3, frame=8)).mean() > 0.2
    assert (picture(seed=3, frame=7) != picture(seed=4, frame=7)).mean() > 0.2


def test_noise_is_not_tied_to_the_rows_worked_on_at_a_time(monkeypatch):
    picture = finish(GREY, Finish(noise=Noise()), seed=1)
    monkeypatch.setattr("diorama.finish.picture._ROWS", 7)
    np.testing.assert_array_equal(finish(GREY, Finish(noise=Noise()), seed=1), picture)


@pytest.mark.parametrize("blur", [0.0, 0.7, 2.5])
def test_grain_is_as_strong_as_asked_whatever_its_size(blur):
    stops = np.log2(grain(1, 2, (512, 512), strength=0.3, blur=blur)[..., 0].astype(float))
    assert stops.std() == pytest.approx(0.3, rel=0.03)
    assert (2**stops).mean() == pytest.approx(1, abs=0.01)


def test_grain_of_a_size_is_correlated_as_a_gaussian():
    stops = np.log2(grain(1, 2, (512, 512), strength=0.3, blur=2.0)[..., 0].astype(float))
    stops -= stops.mean()
    for step in (1, 2, 4):
        wanted = np.exp(-(step**2) / (4 * 2.0**2))
        assert (stops[:, step:] * stops[:, :-step]).mean() / stops.var() == pytest.approx(wanted, abs=0.05)


def test_grain_is_alike_in_all_colours():
    image = finish(GREY, Finish(tone="none", grain=Grain(strength=0.5)))
    assert np.ptp(image, axis=2).max() == 0
    assert image.std() > 5


def test_no_strength_changes_no_byte_and_keys_drive_it():
    rising = Finish(grain=Grain(strength=Keys({0: 0, 1: 1})))
    np.testing.assert_array_equal(finish(GREY, rising), finish(GREY, Finish()))
    assert (finish(GREY, rising, time=1) != finish(GREY, Finish())).any()


def test_what_is_clear_stays_clear():
    nothing = np.zeros((16, 16), np.float32)
    image = finish(GREY[:16, :16] * 0, Finish(noise=Noise(iso=1e5), grain=Grain()), alpha=nothing)
    assert image[..., 3].max() == 0
