"""Several doubles at once inside compiled code: what numba lacks to keep a processor's vector registers full.

``Lanes`` is a type of compiled code alone. LLVM makes of it what the machine has: one register of AVX-512, two of AVX2,
four of SSE2 or NEON. Every operation is IEEE 754's on each lane by itself, none is reordered or fused, so a lane's bits
are those of the same sum written with single doubles.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models, register_model

_DOUBLE, _BYTE, _BIT, _INDEX = ir.DoubleType(), ir.IntType(8), ir.IntType(1), ir.IntType(32)
_ALIGNMENT = 8  # bytes; no more is promised by a NumPy array


class Lanes(types.Type):
    """The type of ``count`` doubles in a vector register."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(name=f"Lanes({count})")


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, lanes: Lanes) -> None:
        super().__init__(manager, lanes, ir.VectorType(_DOUBLE, lanes.count))  # type: ignore[no-untyped-call]


class Operations(NamedTuple):
    """What compiled code can do with vectors of one width.

    Attributes:
        load: ``load(array, place)`` -> the doubles of a contiguous array of one dimension from ``place`` on.
        store: ``store(array, place, lanes)`` writes them there.
        add, multiply: lane by lane.
        fill: ``fill(number)`` -> the same double in every lane.
    """

    load: Callable[..., Any]
    store: Callable[..., Any]
    add: Callable[..., Any]
    multiply: Callable[..., Any]
    fill: Callable[..., Any]


class Masks(NamedTuple):
    """Comparisons of eight lanes; a mask is a ``uint8``, lane 0 its lowest bit.

    Attributes:
        at_most: ``at_most(lanes, number)`` -> the lanes that are known and no greater.
        unknown: ``unknown(lanes)`` -> the lanes that are not a number.
        choose: ``choose(mask, a, b)`` -> lane by lane ``a`` where the mask is set, ``b`` elsewhere.
    """

    at_most: Callable[..., Any]
    unknown: Callable[..., Any]
    choose: Callable[..., Any]


def operations(count: int) -> Operations:
    """The operations on vectors of ``count`` doubles."""
    lanes, vector = Lanes(count), ir.VectorType(_DOUBLE, count)

    def place_of(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        index = context.cast(builder, arguments[1], signature.args[1], types.intp)
        return builder.bitcast(builder.gep(array.data, [index]), vector.as_pointer())

    @intrinsic
    def load(_typing: Any, array: Any, place: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.load(place_of(context, builder, signature, arguments), align=_ALIGNMENT)

        return lanes(array, place), code

    @intrinsic
    def store(_typing: Any, array: Any, place: Any, value: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            builder.store(arguments[2], place_of(context, builder, signature, arguments), align=_ALIGNMENT)
            return context.get_dummy_value()

        return types.none(array, place, value), code

    @intrinsic
    def add(_typing: Any, a: Any, b: Any) -> Any:
        return lanes(lanes, lanes), lambda _context, builder, _signature, arguments: builder.fadd(*arguments)

    @intrinsic
    def multiply(_typing: Any, a: Any, b: Any) -> Any:
        return lanes(lanes, lanes), lambda _context, builder, _signature, arguments: builder.fmul(*arguments)

    @intrinsic
    def fill(_typing: Any, number: Any) -> Any:
        return lanes(types.float64), lambda _context, builder, _signature, arguments: _filled(
            builder, arguments[0], count
        )

    return Operations(load, store, add, multiply, fill)


def masks() -> Masks:
    """The comparisons of eight lanes."""
    lanes, bits = Lanes(8), ir.VectorType(_BIT, 8)

    @intrinsic
    def at_most(_typing: Any, values: Any, number: Any) -> Any:
        def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            limit = _filled(builder, arguments[1], 8)
            return builder.bitcast(builder.fcmp_ordered("<=", arguments[0], limit), _BYTE)

        return types.uint8(lanes, types.float64), code

    @intrinsic
    def unknown(_typing: Any, values: Any) -> Any:
        def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            return builder.bitcast(builder.fcmp_unordered("uno", arguments[0], arguments[0]), _BYTE)

        return types.uint8(lanes), code

    @intrinsic
    def choose(_typing: Any, mask: Any, a: Any, b: Any) -> Any:
        def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            return builder.select(builder.bitcast(arguments[0], bits), arguments[1], arguments[2])

        return lanes(types.uint8, lanes, lanes), code

    return Masks(at_most, unknown, choose)


def _filled(builder: Any, number: Any, count: int) -> Any:
    nothing = ir.Constant(ir.VectorType(_DOUBLE, count), ir.Undefined)
    first = builder.insert_element(nothing, number, ir.Constant(_INDEX, 0))
    return builder.shuffle_vector(first, nothing, ir.Constant(ir.VectorType(_INDEX, count), [0] * count))
