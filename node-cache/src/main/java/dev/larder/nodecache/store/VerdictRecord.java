package dev.larder.nodecache.store;

import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * That somebody was let into a repository.
 *
 * @param who a keyed hash in hexadecimal digits
 * @param since when that was last asked
 * @param until when it counts no more, whatever happens
 */
public record VerdictRecord(RepositoryKey repository, String who, Instant since, Instant until) {

    private static final Pattern LINE =
            Pattern.compile("(\\S{1,262}) (\\S{1,255}) ([0-9a-f]{32}) (\\d{1,11}) (\\d{1,11})");

    /** {@code REGISTRY REPOSITORY WHO SINCE UNTIL}, the times in seconds. */
    String format() {
        return repository.registry() + " " + repository.repository() + " " + who + " " + since.getEpochSecond() + " "
                + until.getEpochSecond();
    }

    /** Empty when it is not what {@link #format} writes. */
    static Optional<VerdictRecord> parse(String line) {
        Matcher parts = LINE.matcher(line);
        if (!parts.matches()) {
            return Optional.empty();
        }
        try {
            RepositoryKey repository =
                    new RepositoryKey(new RegistryHost(parts.group(1)), new RepositoryName(parts.group(2)));
            return Optional.of(new VerdictRecord(
                    repository,
                    parts.group(3),
                    Instant.ofEpochSecond(Long.parseLong(parts.group(4))),
                    Instant.ofEpochSecond(Long.parseLong(parts.group(5)))));
        } catch (InvalidRequest e) {
            return Optional.empty();
        }
    }
}
