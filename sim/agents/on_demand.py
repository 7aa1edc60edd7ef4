"""The side of the model that Mesa sees: residents as agents, made when somebody first asks for them."""

from __future__ import annotations

from typing import Any

import mesa

from sim.agents.resident import Resident, Youth, refuse_own_columns
from sim.columns import Table


class ResidentsOnDemand(mesa.Model[Any, Any]):
    """A Mesa model whose residents are rows of a table, and agents only for those who look at them as such."""

    resident_class: type[Resident] = Resident
    youth_class: type[Resident] = Youth
    """Classes of the agents that residents are; a subclass of the city may name its own, both or none."""
    residents: Table

    def __init_subclass__(cls, **more: Any) -> None:
        """Refuse classes of residents that would leave some residents, or their data, behind."""
        super().__init_subclass__(**more)  # type: ignore[no-untyped-call]
        if ("resident_class" in cls.__dict__) != ("youth_class" in cls.__dict__):
            raise TypeError(f"{cls.__name__} must name both resident_class and youth_class, or youths go without")
        refuse_own_columns(cls.resident_class, cls.youth_class)

    def begin_agents(self) -> None:
        """Keep the first unique ids for the residents: 1 to N, made or not."""
        self.agent_id_counter = len(self.residents) + 1
        self._residents_made = False

    def resident(self, row: int) -> Resident:
        """The agent of one row of `residents`."""
        return self.resident_agents[row]

    @property
    def resident_agents(self) -> list[Resident]:
        """All residents as agents, by row; made when they are first asked for, of `resident_class` or `youth_class`."""
        self._make_residents()
        return self._resident_agents

    @property
    def agents(self) -> Any:
        """All agents; the residents are made when they are first asked for."""
        self._make_residents()
        return self._all_agents

    @agents.setter
    def agents(self, agents: Any) -> None:
        raise AttributeError("agents are kept by the model; create an agent to add it")

    @property
    def agents_by_type(self) -> Any:
        """Agents by class; the residents are made when they are first asked for."""
        self._make_residents()
        return self._agents_by_type

    @property
    def agent_types(self) -> list[type]:
        """All classes of agents in the city."""
        return list(self.agents_by_type)

    def remove_all_agents(self) -> None:
        """Tear the model down, as Mesa does to free memory; a city that was torn down cannot go on."""
        for agent in list(self._all_agents):
            mesa.Agent.remove(agent)
        self.data_registry.close()
        self.running = False

    def register_agent(self, agent: Any) -> None:
        """Register an agent; a resident's unique id is its row plus one, whenever it is made."""
        super().register_agent(agent)
        if isinstance(agent, Resident):
            agent.unique_id = agent.row + 1  # type: ignore[assignment]  # Mesa declares None
            self.agent_id_counter -= 1

    def _make_residents(self) -> None:
        if not self.__dict__.get("_residents_made", True):
            self._residents_made = True
            young = (self.residents.cohort == 0).tolist()
            classes = (self.resident_class, self.youth_class)
            self._resident_agents = [classes[y](self, row) for row, y in enumerate(young)]
