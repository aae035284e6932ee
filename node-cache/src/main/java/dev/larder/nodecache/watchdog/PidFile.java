package dev.larder.nodecache.watchdog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which process the node cache is, in {@code node-cache.pid} of the run directory. The start time goes with the pid, so
 * that a number that has been given to another process since is never taken for ours.
 *
 * @param startTicks field 22 of /proc/PID/stat: clock ticks since the machine started
 */
public record PidFile(long pid, long startTicks) {

    public static final String NAME = "node-cache.pid";

    private static final Path PROC = Path.of("/proc");
    private static final Pattern CONTENT =
            Pattern.compile("\\{\"pid\": ?(\\d{1,18}), ?\"startTicks\": ?(\\d{1,18})}\\s*");
    /** USER_HZ, the same on every Linux that runs containers. */
    private static final int TICKS_PER_SECOND = 100;

    private static final int START_TIME_AFTER_NAME = 19;

    /** This process. */
    public static PidFile self() throws IOException {
        long pid = ProcessHandle.current().pid();
        return new PidFile(
                pid, startTicks(pid).orElseThrow(() -> new IOException("/proc/" + pid + "/stat is missing")));
    }

    /** Writes the file, all or nothing, readable for the hosts writer whatever user it is. */
    public void write(Path runDirectory) throws IOException {
        Path fresh = runDirectory.resolve(NAME + ".new");
        Files.writeString(fresh, "{\"pid\": " + pid + ", \"startTicks\": " + startTicks + "}\n");
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(fresh, runDirectory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Empty when there is no such file yet, or it makes no sense. */
    public static Optional<PidFile> read(Path runDirectory) throws IOException {
        try {
            Path file = runDirectory.resolve(NAME);
            if (Files.size(file) > 1024) {
                return Optional.empty();
            }
            Matcher matcher = CONTENT.matcher(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
            return matcher.matches()
                    ? Optional.of(new PidFile(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))))
                    : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Whether the process is still there and still the same one. */
    public boolean isRunning() throws IOException {
        return startTicks(pid).filter(ticks -> ticks == startTicks).isPresent();
    }

    /** How long ago the process began. */
    Duration age() throws IOException {
        String uptime = new String(Files.readAllBytes(PROC.resolve("uptime")), StandardCharsets.US_ASCII);
        double seconds = Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')));
        return Duration.ofMillis((long) (seconds * 1000) - startTicks * 1000 / TICKS_PER_SECOND);
    }

    private static Optional<Long> startTicks(long pid) throws IOException {
        return ProcessSample.statFields(PROC.resolve(Long.toString(pid)).resolve("stat"))
                .map(fields -> Long.parseLong(fields.get(START_TIME_AFTER_NAME)));
    }
}
