"""Real architectures at random small weights, and what they are shown; imported by tests that have looked for transformers."""

import numpy as np
import torch

TOKENS, WORDS = 9, 40


def words(rows=12, seed=0, length=TOKENS, in_front=False):
    """Sentences of 3 to `length` tokens, padded with 0 at their end, or before them."""
    rng = np.random.default_rng(seed)
    ids, many = rng.integers(1, WORDS, (rows, length)), rng.integers(3, length + 1, rows)
    mask = (np.arange(length) < many[:, None]).astype(np.int64)
    mask = mask[:, ::-1].copy() if in_front else mask
    return {"input_ids": ids * mask, "attention_mask": mask}


def images(rows=9, size=16):
    return np.random.default_rng(1).standard_normal((rows, 3, size, size)).astype(np.float32)


def sounds(rows=9):
    return np.random.default_rng(2).standard_normal((rows, 8, 20)).astype(np.float32)


def gpt2(**more):
    from transformers.models.gpt2 import GPT2Config, GPT2LMHeadModel

    size = {"vocab_size": WORDS, "n_positions": 32, "n_embd": 16, "n_layer": 2, "n_head": 2}
    return GPT2LMHeadModel(GPT2Config(**size, bos_token_id=None, eos_token_id=None, **more))


def llama():
    from transformers.models.llama import LlamaConfig, LlamaForCausalLM

    heads = {"num_attention_heads": 2, "num_key_value_heads": 1}
    return LlamaForCausalLM(
        LlamaConfig(vocab_size=WORDS, hidden_size=16, intermediate_size=24, num_hidden_layers=2, **heads)
    )


def bert():
    from transformers.models.bert import BertConfig, BertModel

    size = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
    return BertModel(BertConfig(vocab_size=WORDS, max_position_embeddings=32, **size))


def vit():
    from transformers.models.vit import ViTConfig, ViTForImageClassification

    size = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
    return ViTForImageClassification(ViTConfig(image_size=16, patch_size=4, num_labels=5, **size))


def whisper_config():
    from transformers.models.whisper import WhisperConfig

    encoder = {"encoder_layers": 2, "encoder_attention_heads": 2, "encoder_ffn_dim": 24, "max_source_positions": 10}
    decoder = {"decoder_layers": 1, "decoder_attention_heads": 2, "decoder_ffn_dim": 24}
    return WhisperConfig(num_mel_bins=8, d_model=16, **encoder, **decoder)


def whisper():
    from transformers.models.whisper.modeling_whisper import WhisperEncoder

    return WhisperEncoder(whisper_config())


def swin():
    from transformers.models.swin import SwinConfig, SwinForImageClassification

    size = {"image_size": 32, "patch_size": 4, "embed_dim": 8, "depths": [1, 1], "num_heads": [2, 2]}
    return SwinForImageClassification(SwinConfig(window_size=4, num_labels=5, **size))


def convnext():
    from transformers.models.convnext import ConvNextConfig, ConvNextForImageClassification

    return ConvNextForImageClassification(
        ConvNextConfig(hidden_sizes=[10, 12], depths=[1, 1], num_stages=2, num_labels=5)
    )


def resnet():
    from transformers.models.resnet import ResNetConfig, ResNetForImageClassification

    size = {"embedding_size": 8, "hidden_sizes": [8, 12], "depths": [1, 1], "layer_type": "basic"}
    return ResNetForImageClassification(ResNetConfig(num_labels=5, **size))


FAMILIES = {
    "gpt2": (gpt2, words),
    "llama": (llama, words),
    "bert": (bert, words),
    "vit": (vit, images),
    "whisper": (whisper, sounds),
    "swin": (swin, lambda: images(size=32)),
    "convnext": (convnext, lambda: images(size=32)),
    "resnet": (resnet, lambda: images(size=32)),
}


def made(build, seed=0, **more):
    """Return a network at weights so large that what it computes is far from linear and from constant."""
    torch.manual_seed(seed)
    model = build(**more).eval()
    with torch.no_grad():
        for weights in model.parameters():
            if weights.ndim > 1:
                weights.normal_(0, 0.5 / np.sqrt(weights[0].numel()) * 2)
    return model


def as_tensors(shown):
    if isinstance(shown, dict):
        return {name: torch.as_tensor(part) for name, part in shown.items()}
    return torch.as_tensor(shown)


def by_hand(model, shown, layers=(), **more):
    """Return what a network answers with the library alone, and what some modules give."""
    seen, given = {}, as_tensors(shown)
    modules = dict(model.named_modules())

    def keep(name):
        def hook(module, args, output):
            first = output if isinstance(output, torch.Tensor) else output[0]
            seen.setdefault(name, []).append(first.detach().clone())

        return hook

    handles = [modules[name].register_forward_hook(keep(name)) for name in layers]
    with torch.no_grad():
        answer = model(**given, **more) if isinstance(given, dict) else model(given, **more)
    for handle in handles:
        handle.remove()
    return answer, {name: calls[0].numpy() for name, calls in seen.items()}


def mean_of_real(values, mask):
    """Mean over tokens that are there, row by row."""
    return np.stack([values[i, mask[i] == 1].mean(axis=0) for i in range(len(values))])
