"""Operations: readiness, doctor, command line, start-up checks."""
