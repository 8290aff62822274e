"""Other networks of transformers, and adapted ones: what is read, and what is told."""

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations.networks.choose import network_of
from conjugacy.activations.networks.hugging_face import HuggingFaceNetwork
from conjugacy.errors import InputError

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from tiny_families import WORDS, by_hand, gpt2, images, llama, made, mean_of_real, whisper_config, words  # noqa: E402

# peft 0.21 asks transformers 5 by a name that it gives up
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
CLOSE = {"rtol": 1e-4, "atol": 1e-5}


def t5():
    from transformers.models.t5 import T5Config, T5ForConditionalGeneration

    size = {"d_model": 16, "d_kv": 8, "d_ff": 24, "num_layers": 1, "num_heads": 2}
    return T5ForConditionalGeneration(T5Config(vocab_size=WORDS, decoder_start_token_id=0, pad_token_id=0, **size))


def clip():
    from transformers.models.clip import CLIPConfig, CLIPModel

    size = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2}
    text = {
        "vocab_size": WORDS,
        "max_position_embeddings": 10,
        "bos_token_id": 38,
        "eos_token_id": 39,
        "pad_token_id": 0,
    }
    pixels = {"image_size": 16, "patch_size": 4}
    return CLIPModel(CLIPConfig(text_config={**size, **text}, vision_config={**size, **pixels}, projection_dim=8))


def wav2vec2():
    from transformers.models.wav2vec2 import Wav2Vec2Config, Wav2Vec2Model

    convolutions = {"conv_dim": (8, 8), "conv_stride": (5, 2), "conv_kernel": (10, 3), "num_feat_extract_layers": 2}
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24}
    places = {"num_conv_pos_embeddings": 4, "num_conv_pos_embedding_groups": 2}
    return Wav2Vec2Model(Wav2Vec2Config(**size, **convolutions, **places, feat_extract_norm="layer"))


def test_a_single_array_is_given_under_the_name_of_the_main_input():
    model, shown = made(llama), words()["input_ids"][:, :3]
    recording = cj.record(model, shown)
    logits = by_hand(model, {"input_ids": shown})[0].logits.numpy()
    np.testing.assert_allclose(recording.outputs.values, logits.mean(axis=1), **CLOSE)
    assert recording.provenance["attention"] == model.config._attn_implementation
    assert "transformers" in recording.provenance


def test_padding_that_nothing_marks_is_told():
    shown = words()["input_ids"]
    model = made(gpt2, pad_token_id=0)
    (note,) = cj.record(model, shown).provenance["passes"]
    assert note.startswith(f"{(shown[:, -1] == 0).sum()} of 12 rows begin or end with token 0")
    assert "passes" not in cj.record(model, words()).provenance


def test_an_encoder_and_decoder_shown_one_input_says_what_is_missing():
    from transformers.models.whisper import WhisperModel

    with pytest.raises(InputError, match=r"encoder and a decoder.*'decoder_input_ids': .*model\.get_encoder\(\)"):
        cj.record(made(t5), words())
    with pytest.raises(InputError, match=r"shown input_features alone.*get_encoder"):
        cj.record(WhisperModel(whisper_config()).eval(), np.zeros((3, 8, 20)))


def test_what_is_decoded_is_not_read_with_the_mask_of_what_is_encoded():
    model, shown = made(t5), words()
    both = {**shown, "decoder_input_ids": shown["input_ids"][:, :4]}
    layer = "decoder.block.0.layer.1.EncDecAttention.q"
    recording = cj.record(model, both)
    answer, values = by_hand(model, both, [layer])
    np.testing.assert_allclose(recording.layer(layer).values, values[layer].mean(axis=1), **CLOSE)
    np.testing.assert_allclose(recording.outputs.values, answer.logits.numpy().mean(axis=1), **CLOSE)
    same = {**shown, "decoder_input_ids": shown["input_ids"]}  # as long as what is encoded
    np.testing.assert_allclose(
        cj.record(model, same, layer).layer(layer).values, by_hand(model, same, [layer])[1][layer].mean(axis=1), **CLOSE
    )
    own = np.array([[1, 1, 0, 0]] * 6 + [[1, 1, 1, 0]] * 6)
    (note,) = cj.record(model, {**both, "decoder_attention_mask": own}, layer).provenance["passes"]
    assert note.endswith("give it as mask= to leave padding out")
    given = cj.record(model, both, layer, mask=own)
    np.testing.assert_allclose(given.layer(layer).values, mean_of_real(values[layer], own), **CLOSE)


def test_two_inputs_each_with_its_own_tokens():
    model, shown = made(clip), {**words(), "pixel_values": images(12)}
    recording = cj.record(model, shown)
    text, patches = "text_model.encoder.layers.0.mlp.fc1", "vision_model.encoder.layers.0.mlp.fc1"
    answer, values = by_hand(model, shown, [text, patches])
    np.testing.assert_allclose(
        recording.layer(text).values, mean_of_real(values[text], shown["attention_mask"]), **CLOSE
    )
    np.testing.assert_allclose(recording.layer(patches).values, values[patches].mean(axis=1), **CLOSE)
    np.testing.assert_allclose(recording.layer("outputs.image_embeds").values, answer.image_embeds.numpy(), **CLOSE)
    assert "every two stimuli" in recording.provenance["left_out"]["outputs.logits_per_image"]


def test_frames_of_sounds_are_read_with_the_mask_of_their_samples():
    model = made(wav2vec2)
    mask = (np.arange(200) < np.array([200, 150, 120, 100, 200, 180])[:, None]).astype(np.int64)
    shown = {"input_values": (np.random.default_rng(0).standard_normal((6, 200)) * mask).astype(np.float32)}
    shown["attention_mask"] = mask
    recording = cj.record(model, shown)
    states = by_hand(model, shown)[0].last_hidden_state.numpy()
    frames = ((mask.sum(axis=1) - 10) // 5 + 1 - 3) // 2 + 1  # two convolutions without padding
    expected = np.stack([states[i, :n].mean(axis=0) for i, n in enumerate(frames)])
    np.testing.assert_allclose(recording.outputs.values, expected, **CLOSE)  # and no early layer that is returned too
    assert "a hidden layer" in recording.provenance["left_out"]["outputs.extract_features"]


def adapted(base, **settings):
    peft = pytest.importorskip("peft")
    model = peft.get_peft_model(base, peft.LoraConfig(r=2, **settings)).eval()
    torch.manual_seed(1)
    for name, weights in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weights, std=0.5)
    return model


@pytest.mark.parametrize(("build", "targets"), [(llama, ["q_proj", "down_proj"]), (gpt2, ["c_attn"])])
def test_adapted_layers_are_read_after_their_change(build, targets):
    model, shown = adapted(made(build), target_modules=targets, fan_in_fan_out=build is gpt2), words()
    live = cj.record(model, shown)
    layers = [name for name in live.layers if name.endswith(tuple(targets))]
    assert len(layers) == 2 * len(targets)
    left_out = live.provenance["left_out"]
    for layer in layers:
        for part in ("base_layer", "lora_A.default", "lora_B.default"):
            assert left_out[f"{layer}.{part}"].startswith("a part of an adapted layer")
    before = cj.record(model, shown, f"{layers[0]}.base_layer").layer(f"{layers[0]}.base_layer")
    assert np.abs(before.values - live.layer(layers[0]).values).max() > 1e-2
    merged = model.merge_and_unload().eval()
    plain = cj.record(merged, shown)
    for layer in live.layers:
        own = layer.removeprefix("base_model.model.")
        np.testing.assert_allclose(live.layer(layer).values, plain.layer(own).values, atol=1e-5, err_msg=layer)
    assert live.provenance["adapters"] == ["default"]


def test_live_and_merged_are_the_same_network():
    shown = words(60)
    model = adapted(made(llama), target_modules=["q_proj"])
    live = cj.record(model, shown)
    merged = cj.record(model.merge_and_unload(), shown)
    verdict = cj.compare(live, merged).verdict
    assert (verdict.function.rung, verdict.representation.rung) == ("identity", "identity")


def test_a_prompt_in_front_is_no_token_that_was_shown():
    peft = pytest.importorskip("peft")
    prompt = peft.PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=3)
    model, shown = peft.get_peft_model(made(gpt2), prompt).eval(), words()
    logits = by_hand(model, shown)[0].logits.numpy()
    assert logits.shape[1] == shown["input_ids"].shape[1] + 3
    found = cj.record(model, shown).outputs.values
    np.testing.assert_allclose(found, mean_of_real(logits[:, 3:], shown["attention_mask"]), **CLOSE)


def test_which_adapter_takes_what():
    model = made(llama)
    assert isinstance(network_of(model), HuggingFaceNetwork)
    assert isinstance(network_of(torch.compile(model, backend="eager")), HuggingFaceNetwork)
    assert not isinstance(network_of(torch.nn.Linear(2, 2)), HuggingFaceNetwork)
    pytest.importorskip("peft")
    inner = adapted(torch.nn.Sequential(torch.nn.Linear(4, 4)), target_modules=["0"])
    assert isinstance(network_of(inner), HuggingFaceNetwork)
    recording = cj.record(inner, np.eye(4, dtype=np.float32))
    np.testing.assert_allclose(recording.outputs.values, inner(torch.eye(4)).detach(), atol=1e-6)
