"""Operators of ONNX, and of onnxruntime, by what they do to the axes of what they are given."""

MAPS = {3: "bct", 4: "bcyx", 5: "bczyx"}  # what works on channels and places
ROWS = {2: "bu", 3: "btu"}  # what works on the last axis
SAME = {
    "Relu", "LeakyRelu", "PRelu", "Elu", "Selu", "Celu", "ThresholdedRelu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh",
    "Softplus", "Softsign", "Gelu", "FastGelu", "QuickGelu", "BiasGelu", "Mish", "Swish", "Erf", "Exp", "Log", "Sqrt", "Abs",
    "Neg", "Reciprocal", "Clip", "Identity", "Dropout", "Cast", "CastLike", "Softmax", "LogSoftmax", "Hardmax", "Sign", "Floor",
    "Ceil", "Round", "Sin", "Cos", "QuantizeLinear", "DequantizeLinear", "LpNormalization", "MeanVarianceNormalization", "Pad",
    "Slice", "Resize", "Upsample", "CumSum", "Trilu", "Tile", "Expand", "Split", "TopK", "GatherElements", "ScatterND", "LRN",
    "DepthToSpace", "SpaceToDepth", "Attention", "DynamicQuantizeLinear", "RotaryEmbedding", "Shrink",
}  # fmt: skip
BETWEEN = {
    "Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Mean", "Sum", "Where", "Mod", "Concat", "And", "Or", "Equal", "Greater",
    "Less", "QLinearAdd", "QLinearMul", "QLinearConcat",
}  # fmt: skip
ON_MAPS = {
    "Conv", "ConvTranspose", "ConvInteger", "QLinearConv", "FusedConv", "MaxPool", "AveragePool", "LpPool", "GlobalMaxPool",
    "GlobalAveragePool", "GlobalLpPool", "InstanceNormalization", "GroupNormalization", "BatchNormalization",
}  # fmt: skip
ON_ROWS = {
    "LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization", "SkipLayerNormalization",
    "SkipSimplifiedLayerNormalization", "EmbedLayerNormalization", "MultiHeadAttention", "GroupQueryAttention",
}  # fmt: skip
TIMES_WEIGHTS = {"Gemm", "FusedGemm", "MatMul", "FusedMatMul", "MatMulInteger", "MatMulNBits", "DynamicQuantizeMatMul",
                 "MatMulIntegerToFloat", "QLinearMatMul", "QGemm"}  # fmt: skip
RECURRENT = {"LSTM", "GRU", "RNN"}
SHAPING = {"Unsqueeze", "Squeeze", "Reshape", "Flatten", "Transpose", "Gather", "Cast", "Identity"}
