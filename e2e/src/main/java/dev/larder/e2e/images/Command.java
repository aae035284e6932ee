package dev.larder.e2e.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A command of this machine. Its output goes to a file, so that a chatty one cannot block, and is quoted when it fails. */
final class Command {
    private static final int QUOTED_LINES = 30;
    private static final int QUOTED_WIDTH = 2000;
    /** What the Java runtime prints about the cache it writes, after the line that matters. */
    private static final Pattern TRAINING_CHATTER = Pattern.compile("^\\[[0-9.]+s\\]|^Picked up JAVA_|AOT ?[cC]");

    private Command() {}

    /** Runs to the end, in {@code folder}; anything but exit status 0 within the limit is an error. */
    static String run(Path folder, Duration limit, List<String> command) {
        try {
            Path output = Files.createTempFile("larder-command", ".log");
            try {
                Process process = start(folder, output, Map.of(), command);
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                    throw new ImageBuildException("`" + String.join(" ", command) + "` did not end within "
                            + limit.toSeconds() + " s; it printed:\n" + tail(output));
                }
                if (process.exitValue() != 0) {
                    throw new ImageBuildException("`" + String.join(" ", command) + "` ended with status "
                            + process.exitValue() + "; it printed:\n" + tail(output));
                }
                return Files.readString(output);
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            throw new ImageBuildException(
                    "`" + command.getFirst() + "` could not be run: is it installed? " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ImageBuildException("Interrupted while running `" + command.getFirst() + "`.", e);
        }
    }

    /** Starts it with nothing of our own environment but PATH, standard output and error going to the file. */
    static Process start(Path folder, Path output, Map<String, String> environment, List<String> command)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().keySet().retainAll(List.of("PATH"));
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** The last lines a program printed, for an error message. */
    static String tail(Path output) throws IOException {
        List<String> lines = Files.readAllLines(output).stream()
                .filter(line -> !TRAINING_CHATTER.matcher(line).find())
                .map(line -> line.substring(0, Math.min(QUOTED_WIDTH, line.length())))
                .toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - QUOTED_LINES), lines.size()));
    }
}
