"""Columns of codes that know their names: comparing one with a text compares names, and an unknown name is refused.

`residents.sex == "woman"` is an array of truth values, as `residents.sex == 1` is. A plain NumPy array of codes would
answer False everywhere. Whatever is computed from codes, such as `residents.cohort + 1`, is a plain array again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.reading import nearest


class _Named:
    """What arrays of codes and single codes have in common; a class for each column holds its name and its labels."""

    column: ClassVar[str]
    labels: ClassVar[tuple[str, ...]]

    @classmethod
    def code_of(cls, label: str) -> int:
        """The code of a label.

        Raises:
            ValueError: there is no such label; names those there are.
        """
        if label in cls.labels:
            return cls.labels.index(label)
        allowed = ", ".join(cls.labels)
        raise ValueError(f'{cls.column} is never "{label}"; it is one of {allowed}{nearest(label, cls.labels)}')

    @classmethod
    def as_codes(cls, other: Any) -> Any:
        """A text, or texts in a list or an array, as codes; everything else as it is."""
        if isinstance(other, str):
            return cls.code_of(other)
        if isinstance(other, list | tuple | set | frozenset | np.ndarray) and not isinstance(other, Codes):
            texts = np.asarray(list(other) if isinstance(other, set | frozenset) else other)
            if texts.dtype.kind in "UTO":
                codes = [cls.code_of(item) if isinstance(item, str) else item for item in texts.ravel().tolist()]
                return np.array(codes).reshape(texts.shape)
        return other


class Codes(_Named, np.ndarray[Any, np.dtype[np.int8]]):
    """An array of codes."""

    scalar: ClassVar[type]

    def __getitem__(self, where: Any) -> Any:
        found = np.ndarray.__getitem__(self, where)
        return self.scalar(found) if type(found) is np.int8 else found

    def __eq__(self, other: object) -> Any:
        return np.equal(self.view(np.ndarray), self.as_codes(other))

    def __ne__(self, other: object) -> Any:
        return np.not_equal(self.view(np.ndarray), self.as_codes(other))

    __hash__ = None  # as arrays have none

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        """What a calculation gives is no array of codes any more."""
        return array[()] if return_scalar else np.asarray(array)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, arguments: Any, keywords: Mapping[str, Any]
    ) -> Any:
        """Translate names for `numpy.isin`, which compares as ``==`` does."""
        if function is np.isin and len(arguments) == 2 and isinstance(arguments[0], Codes):
            arguments = (arguments[0], arguments[0].as_codes(arguments[1]))
        return super().__array_function__(function, types, arguments, keywords)

    def __reduce__(self) -> tuple[object, ...]:
        return as_codes, (np.array(self), self.column, self.labels)


@lru_cache
def _class_of(column: str, labels: tuple[str, ...]) -> type[Codes]:
    own = {"column": column, "labels": labels}
    return type("Codes", (Codes,), {**own, "scalar": type("Code", (_Code,), own)})


class _Code(_Named, int):
    """One code, as an element of an array of codes is."""

    def __eq__(self, other: object) -> bool:
        return bool(int(self) == self.as_codes(other))

    def __ne__(self, other: object) -> bool:
        return bool(int(self) != self.as_codes(other))

    __hash__ = int.__hash__

    def item(self) -> int:
        """The code as a plain number, as of any element of an array."""
        return int(self)


def as_codes(array: NDArray[np.int8], column: str, labels: tuple[str, ...]) -> Codes:
    """The same array as one of codes; nothing is copied.

    Args:
        array: codes, int8 of any shape; code 0 is the first label.
        column: name of the column, for messages.
        labels: names of the codes.
    """
    return array.view(_class_of(column, labels))
