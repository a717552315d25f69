"""STSTNet (Liong et al. 2019). Its streams of 3, 5 and 8 maps, side by side, are one convolution to 16."""

from torch import nn

from mebench.api import FlowPicture, LoopSettings, TorchModel


class Recipe(LoopSettings):
    epochs: int = 500
    batch_size: int = 256
    lr: float = 5e-5


class STSTNet(TorchModel):
    Settings = Recipe

    def inputs(self):
        return {"flow": FlowPicture(size=28)}

    def network(self, train, context):
        maps = nn.Conv2d(3, 16, 3, 1, 1), nn.ReLU(), nn.BatchNorm2d(16), nn.MaxPool2d(3, 3, 1), nn.Dropout()
        return nn.Sequential(*maps, nn.AvgPool2d(2), nn.Flatten(), nn.Linear(400, len(context.classes)))

    def outputs(self, network, inputs):
        return network(inputs["flow"].movedim(-1, 1)), None
