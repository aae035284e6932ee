package dev.larder.nodecache.config;

import java.time.Duration;

/**
 * The longest each wait may take.
 *
 * @param connect to an upstream, TLS included
 * @param firstByteWarm until a stored answer's first byte
 * @param firstByteCold until an upstream answer's first byte; afterwards 503
 * @param idle between two pieces of an upstream's body
 * @param client how long a client may take nothing of an answer, or take to send a request
 * @param shutdown how long running streams may go on after SIGTERM
 */
public record TimeoutsConfig(
        Duration connect,
        Duration firstByteWarm,
        Duration firstByteCold,
        Duration idle,
        Duration client,
        Duration shutdown) {

    public static final TimeoutsConfig DEFAULT = new TimeoutsConfig(
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofMinutes(5),
            Duration.ofSeconds(20));
}
