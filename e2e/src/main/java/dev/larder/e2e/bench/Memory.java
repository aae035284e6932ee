package dev.larder.e2e.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Resident memory of a process as the kernel counts it, from proc(5)'s status. */
final class Memory {
    private Memory() {}

    /** Now. */
    static double residentMib(long pid) {
        return read(pid, "VmRSS:");
    }

    /** The most since the process began. */
    static double mostResidentMib(long pid) {
        return read(pid, "VmHWM:");
    }

    private static double read(long pid, String field) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                    .filter(line -> line.startsWith(field))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
