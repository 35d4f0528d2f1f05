from bench.load import Round

OUTPUT = """Running 3s test @ http://127.0.0.1:8000/
  1 threads and 16 connections
Requests/sec:   4000.00

"""
GOOD = '{"requests":12000,"seconds":3.0,"p99_ms":5.25,"status":0,"connect":0,"read":0,"write":0,"timeout":0}\n'
BAD = '{"requests":12000,"seconds":3.0,"p99_ms":5.25,"status":7,"connect":0,"read":2,"write":0,"timeout":0}\n'


def test_round_is_read_from_the_last_line_of_wrk() -> None:
    assert Round.parse(OUTPUT + GOOD) == Round(4000.0, 5.25, "")


def test_error_answers_and_socket_errors_are_faults() -> None:
    assert Round.parse(OUTPUT + BAD).faults == "7 status, 2 read"
