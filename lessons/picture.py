"""The README's animation, made with a panel: `make picture`."""

import io
from pathlib import Path

from helpers.live import explore

from PIL import Image

PLACE = Path(__file__).with_name("panel.gif")
EPOCHS = [*range(0, 50, 5), *range(50, 150, 20), *range(150, 501, 50)]


def main() -> None:
    """Move the slider of 00's panel from 0 to 500 epochs; each frame is a newly trained network."""
    panel = explore.learning_to_square()
    frames = []
    for epochs in EPOCHS:
        panel.settings(epochs=epochs)
        picture = Image.open(io.BytesIO(panel.canvas.png())).convert("RGB")
        frames.append(picture.resize((720, 352), Image.LANCZOS).quantize(32, dither=Image.Dither.NONE))
    durations = [150] * (len(frames) - 1) + [2000]
    frames[0].save(PLACE, save_all=True, append_images=frames[1:], duration=durations, loop=0, optimize=True)
    print(f"{PLACE}: {len(frames)} networks, {PLACE.stat().st_size / 1000:,.0f} kB")


if __name__ == "__main__":
    main()
