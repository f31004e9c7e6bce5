"""The board: leases and progress in memory that processes share."""

from __future__ import annotations

import pytest

from imgflow.runner.board import Berth, Berths, Board, read_clock


@pytest.fixture
def board() -> Board:
    return Board(3)


def test_nobody_may_write_at_first(board: Board) -> None:
    assert len(board) == 3
    assert not any(board.is_good(Berth(line, 0)) for line in range(3))


def test_lease_holds_until_its_deadline(board: Board) -> None:
    berth = Berth(1, 7)
    board.assign(berth, read_clock() + 60)
    assert board.is_good(berth)
    board.renew(berth, read_clock())
    assert not board.is_good(berth)
    board.renew(berth, read_clock() + 60)
    assert board.is_good(berth)
    assert not board.is_good(Berth(0, 7))


def test_revoked_is_revoked_for_good(board: Board) -> None:
    berth = Berth(1, 7)
    board.assign(berth, read_clock() + 60)
    board.revoke(berth)
    board.renew(berth, read_clock() + 60)
    assert not board.is_good(berth)


def test_a_line_that_was_given_on_is_no_longer_ours(board: Board) -> None:
    old, new = Berth(1, 7), Berth(1, 8)
    board.assign(old, read_clock() + 60)
    board.report(old, 40)
    board.assign(new, read_clock() + 60)
    assert not board.is_good(old)
    board.report(old, 60)
    assert board.progress(new) is None
    board.revoke(old)
    board.renew(old, 0.0)
    assert board.is_good(new)


@pytest.mark.parametrize("percent", [0, 1, 99, 100])
def test_progress(board: Board, percent: int) -> None:
    berth = Berth(2, 1)
    board.assign(berth, read_clock() + 60)
    assert board.progress(berth) is None
    board.report(berth, percent)
    assert board.progress(berth) == percent


def test_lines_are_used_in_turn_and_serials_never_again() -> None:
    berths = Berths(2)
    first, second = berths.take(), berths.take()
    with pytest.raises(IndexError):
        berths.take()
    berths.give(second)
    berths.give(first)
    third, fourth = berths.take(), berths.take()
    assert (third.line, fourth.line) == (second.line, first.line)
    assert len({berth.serial for berth in (first, second, third, fourth)}) == 4
