from __future__ import annotations

from andon.runtime.flight import FlightRecord, FlightWriter
from andon.runtime.suspicion import MEMORY_S, Suspicion


def test_the_second_death_under_a_source_puts_it_out() -> None:
    suspicion = Suspicion()
    assert suspicion.died(["a", "b"], 0.0) == ()
    assert suspicion.suspects(0.0) == ("a", "b")
    assert suspicion.died(["b"], 10.0) == ("b",)


def test_a_strike_is_forgotten_after_a_while() -> None:
    suspicion = Suspicion()
    suspicion.died(["a"], 0.0)
    assert suspicion.suspects(MEMORY_S) == ()
    assert suspicion.died(["a"], MEMORY_S) == ()


def test_a_lone_source_under_which_the_loop_stood_still_is_put_out_at_once() -> None:
    assert Suspicion().hung(["a"], 0.0) == ("a",)
    assert Suspicion().hung(["a", "b"], 0.0) == ()


def test_a_source_taken_back_starts_afresh() -> None:
    suspicion = Suspicion()
    suspicion.died(["a"], 0.0)
    suspicion.forget("a")
    assert suspicion.died(["a"], 1.0) == ()


def test_a_death_while_nothing_was_polled_blames_nobody() -> None:
    assert Suspicion().died([], 0.0) == ()


def test_the_flight_record_tells_who_held_the_loop_and_who_was_asked() -> None:
    record = FlightRecord()
    writer = FlightWriter(record.fd)
    assert record.read() is None
    writer.asked("a")
    writer.asked("b")
    writer.enter("b")
    flight = record.read()
    assert flight
    assert (flight.suspects, flight.polling) == (("b",), ("a", "b"))
    writer.leave()
    writer.answered("b")
    writer.beat()
    flight = record.read()
    assert flight
    assert (flight.suspects, flight.beat) == (("a",), 1)
    record.close()
