"""The contenders of run.py, each as (train, predict), and the matrix products of a training run alone."""

import contextlib
import functools
import os
import time
import warnings

from helpers.problems import Problem, rmse

import numpy as np

THREADS = 2
BATCH_SIZE = 100


def glorot(units, seed):
    """Return starting weights as Keras draws them: [(W, b), ...], float32."""
    rng, layers = np.random.default_rng(seed), []
    for m, n in pairs(units):
        limit = (6 / (m + n)) ** 0.5
        layers.append((rng.uniform(-limit, limit, (m, n)).astype("float32"), np.zeros(n, "float32")))
    return layers


def pairs(units):
    """Return (inputs, outputs) of each layer of a network with one input."""
    return list(zip((1, *units), units, strict=False))


def keras_model(units, seed):
    """Return the network as the course makes it, with the common starting weights."""
    from helpers import networks

    model = networks.stack(units, activation="relu")
    model.set_weights([value for layer in glorot(units, seed) for value in layer])
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def helpers_train(units, epochs, x, y, seed):
    """Train with the course's `train`."""
    from helpers.train.training import train

    model, settings = keras_model(units, seed), {"batch_size": BATCH_SIZE, "verbose": False}
    return lambda: train(model, x, y, epochs=epochs, seed=seed, **settings), lambda: model(x)


def keras_fit(units, epochs, x, y, seed):
    """Train with `model.fit`, as in the thread, with TensorFlow's own settings."""
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"  # its default, which the course turns off
    model, settings = keras_model(units, seed), {"batch_size": BATCH_SIZE, "verbose": 0}
    return lambda: model.fit(x, y, epochs=epochs, **settings), lambda: model(x)


def sklearn_fit(units, epochs, x, y, seed):
    """Train with scikit-learn, without its L2 penalty and its early stopping."""
    from sklearn.neural_network import MLPRegressor

    warnings.filterwarnings("ignore", "Stochastic Optimizer: Maximum iterations")
    as_adam = {"alpha": 0, "epsilon": 1e-7, "batch_size": BATCH_SIZE, "random_state": seed}
    all_epochs = {"max_iter": epochs, "n_iter_no_change": epochs, "tol": 0}
    model = MLPRegressor(hidden_layer_sizes=units[:-1], **as_adam, **all_epochs)
    return lambda: model.fit(x, y[:, 0]), lambda: model.predict(x)


@functools.cache
def jax_program(epochs, drawn_inside):
    """Return (train, forward) in JAX: epochs and batches in two scans, compiled as one program.

    train takes the order of the examples in each epoch or, drawn_inside, a key to draw them from.
    """
    import jax
    import jax.numpy as jnp

    def forward(weights, x):
        for W, b in weights[:-1]:
            x = jax.nn.relu(x @ W + b)
        W, b = weights[-1]
        return x @ W + b

    def loss_of(weights, x, y):
        return jnp.mean((forward(weights, x) - y) ** 2)

    def step(state, batch):
        weights, m, v, t = state
        loss, gradient = jax.value_and_grad(loss_of)(weights, *batch)
        t += 1
        m = jax.tree.map(lambda m, g: m + 0.1 * (g - m), m, gradient)
        v = jax.tree.map(lambda v, g: v + 0.001 * (g * g - v), v, gradient)
        rate = 0.001 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        weights = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7), weights, m, v)
        return (weights, m, v, t), loss

    def train(weights, orders, x, y):
        def epoch(state, order):
            if drawn_inside:
                order = jax.random.permutation(order, len(x))
            batches = (len(x) // BATCH_SIZE, BATCH_SIZE, 1)
            return jax.lax.scan(step, state, (x[order].reshape(batches), y[order].reshape(batches)))

        if drawn_inside:
            orders = jax.random.split(orders, epochs)
        zeros = jax.tree.map(jnp.zeros_like, weights)
        state, losses = jax.lax.scan(epoch, (weights, zeros, zeros, jnp.float32(0)), orders)
        return state[0], losses.mean(axis=1)

    return jax.jit(train), forward


def jax_scan(units, epochs, x, y, seed, drawn_inside=False):
    """Train with JAX, the order of the examples drawn by NumPy, as in `train`, or in the program as well."""
    import jax

    trained, rng = [glorot(units, seed)], np.random.default_rng(seed)
    train, forward = jax_program(epochs, drawn_inside)

    def go():
        orders = jax.random.key(seed)
        if not drawn_inside:
            orders = np.array([rng.permutation(len(x)) for _ in range(epochs)], np.int32)
        trained.append(jax.block_until_ready(train(trained[0], orders, x, y))[0])

    return go, lambda: forward(trained[-1], x)


def torch_eager(units, epochs, x, y, seed):
    """Train with PyTorch, operation by operation."""
    import torch

    torch.set_num_threads(THREADS)
    torch.manual_seed(seed)
    layers = []
    for W, b in glorot(units, seed):
        layer = torch.nn.Linear(*W.shape)
        layer.weight.data, layer.bias.data = torch.tensor(W.T).contiguous(), torch.tensor(b)
        layers += [layer, torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, eps=1e-7, fused=True)
    x, y = torch.from_numpy(x), torch.from_numpy(y)

    def go():
        for _ in range(epochs):
            order = torch.randperm(len(x))
            for x_batch, y_batch in zip(x[order].split(BATCH_SIZE), y[order].split(BATCH_SIZE), strict=True):
                optimizer.zero_grad(set_to_none=True)
                torch.nn.functional.mse_loss(model(x_batch), y_batch).backward()
                optimizer.step()

    return go, lambda: model(x).detach()


TRAIN, FIT = "`helpers.train.train`", "`model.fit`"
TRAINERS = {
    TRAIN: helpers_train,
    FIT: keras_fit,
    "scikit-learn `MLPRegressor`": sklearn_fit,
    "JAX `lax.scan`, orders from NumPy": jax_scan,
    "JAX `lax.scan`, orders drawn inside": functools.partial(jax_scan, drawn_inside=True),
    "PyTorch, eager": torch_eager,
}
BARE = "the matrix products alone, XLA"
PEERS = [name for name in TRAINERS if name not in (TRAIN, FIT)]


def train_once(name, units, epochs, examples, seed):
    """Train once; return (seconds, RMSE in whole numbers)."""
    use_few_cores()
    problem = Problem("square")
    whole_x, whole_y = problem.draw(examples, seed=0)
    scaling = problem.scaling("largest")
    x, y = (a.astype("float32") for a in scaling.normalise(whole_x, whole_y))
    train, predict = TRAINERS[name](units, epochs, x, y, seed)
    began = time.perf_counter()
    train()
    return time.perf_counter() - began, rmse(whole_y, scaling.invert(predict()))


def bare_products(units, epochs, examples):
    """Return the seconds of a training's matrix products alone, compiled by XLA: the best of 3 runs.

    In each step every product is done once, forward and backward; no biases, activations or loss.
    """
    use_few_cores()
    from helpers import networks  # noqa: F401  (sets TensorFlow up as for `train`)

    import tensorflow as tf

    kernels = [tf.constant(W) for W, _ in glorot(units, 0)]

    def step(i, x, kernels):
        outputs = [x]
        for W in kernels:
            outputs.append(outputs[-1] @ W)
        back, after = outputs[-1], []
        for position in reversed(range(len(kernels))):
            # A small part is added, so that no product can be left out or done ahead.
            after.append(kernels[position] + 1e-9 * tf.matmul(outputs[position], back, transpose_a=True))
            if position:
                back = tf.matmul(back, kernels[position], transpose_b=True)
        return i + 1, x, after[::-1]

    steps = epochs * examples // BATCH_SIZE

    @tf.function(jit_compile=True, autograph=False)
    def loop(x, kernels):
        return tf.while_loop(lambda i, *_: i < steps, step, (0, x, kernels))[2]

    x, seconds = tf.random.uniform((BATCH_SIZE, 1)), []
    for _ in range(4):
        began = time.perf_counter()
        loop(x, kernels)[0].numpy()
        seconds.append(time.perf_counter() - began)
    return min(seconds[1:])


def use_few_cores():
    """Keep this process to as many cores as it may have threads, where the system can."""
    with contextlib.suppress(AttributeError):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])
