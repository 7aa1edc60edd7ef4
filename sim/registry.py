"""Alternatives of one kind by name: what a config may name, and the function that each name stands for.

A registry is declared with its names, so that a file can be checked before anything of the city is built. The function
of each is bound where it is written. A name without a function, and a name that nobody declared, raise: none silently
becomes another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

UNKNOWN_NAME = "unknown_name"
"""Type of pydantic's error where a value is none of the names."""


class Registry[F]:
    """Alternatives of one kind. As the metadata of an annotated field it lets only its names through.

    Args:
        what: what each is, in a word or two, for messages.
        names: in the order in which documents list them.
    """

    def __init__(self, what: str, *names: str) -> None:
        self.what = what
        self._names = list(names)
        self._functions: dict[str, F] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """What a config may name, in order."""
        return tuple(self._names)

    @property
    def unbound(self) -> tuple[str, ...]:
        """Names without a function."""
        return tuple(name for name in self._names if name not in self._functions)

    def bind[G](self, name: str) -> Callable[[G], G]:
        """Bind the function below to a name that was declared.

        Raises:
            KeyError: nobody declared it.
            ValueError: it has a function already.
        """
        self._known(name)
        if name in self._functions:
            raise ValueError(f"{self.what} {name} has a function already")

        def keep(function: G) -> G:
            self._functions[name] = function  # type: ignore[assignment]
            return function

        return keep

    def add(self, name: str, function: F) -> None:
        """Declare a user-defined name with its function.

        Raises:
            ValueError: the name is taken.
        """
        if name in self._names:
            raise ValueError(f"{self.what} {name} exists already")
        self._names.append(name)
        self._functions[name] = function

    def remove(self, name: str) -> None:
        """Take a name back."""
        self._known(name)
        self._names.remove(name)
        self._functions.pop(name, None)

    def __getitem__(self, name: str) -> F:
        """Return the function of a name.

        Raises:
            KeyError: nobody declared it, or it has no function.
        """
        self._known(name)
        if name not in self._functions:
            raise KeyError(f"{self.what} {name} has no function")
        return self._functions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def _known(self, name: str) -> None:
        if name not in self._names:
            raise KeyError(f"no {self.what} is called {name!r}: there are {', '.join(self._names)}")

    # ---------------------------------------------------------------- for pydantic

    def _checked(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self._names:
            raise PydanticCustomError(
                UNKNOWN_NAME, "Input should be one of: {names}", {"names": ", ".join(self._names)}
            )
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self._checked)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"enum": list(self._names), "type": "string"}
