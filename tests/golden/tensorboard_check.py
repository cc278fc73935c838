"""Reads with TensorBoard the event file that tests/train/tensorboard.cpp wrote.

Run      python tensorboard_check.py FOLDER      exits 0 when the run below FOLDER/events/run is there
Needs    tensorboard, pillow
"""

import io
import sys

from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

run = EventAccumulator(sys.argv[1] + "/events/run", size_guidance={"scalars": 0, "images": 0})
run.Reload()
loss, lr, samples = run.Scalars("train/loss"), run.Scalars("lr"), run.Images("samples")
assert [e.step for e in loss] == list(range(1, 301)), loss
assert all(abs(e.value - 1 / e.step) < 1e-7 and e.wall_time > 1.7e9 for e in loss)
assert [(e.step, e.value) for e in lr] == [(300, 0.5)]
assert (samples[0].width, samples[0].height, samples[0].step) == (5, 4, 300)
assert Image.open(io.BytesIO(samples[0].encoded_image_string)).tobytes() == bytes([7]) * 60
print("ok")
