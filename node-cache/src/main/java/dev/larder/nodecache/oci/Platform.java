package dev.larder.nodecache.oci;

import dev.larder.nodecache.error.InvalidRequest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an image runs on, as in {@code linux/arm64} or {@code linux/arm/v7}.
 *
 * @param variant empty for any
 */
public record Platform(String os, String architecture, String variant) {

    private static final Pattern GRAMMAR =
            Pattern.compile("([a-z0-9_.-]{1,32})/([a-z0-9_.-]{1,32})(?:/([a-z0-9_.-]{1,32}))?");

    /** @throws InvalidRequest when it is none */
    public static Platform parse(String text) {
        Matcher matcher = GRAMMAR.matcher(text);
        if (!matcher.matches()) {
            throw new InvalidRequest(
                    InvalidRequest.Kind.NAME, "not a platform: write os/architecture, as in linux/amd64");
        }
        String variant = matcher.group(3);
        return new Platform(matcher.group(1), matcher.group(2), variant == null ? "" : variant);
    }

    /** The platform that Java calls so. */
    public static Platform ofJava(String osArch) {
        return new Platform(
                "linux",
                switch (osArch) {
                    case "aarch64" -> "arm64";
                    case "x86_64" -> "amd64";
                    default -> osArch;
                },
                "");
    }

    /** Whether an image made for {@code other} is one that is meant by this. */
    public boolean takes(Platform other) {
        return os.equals(other.os)
                && architecture.equals(other.architecture)
                && (variant.isEmpty() || variant.equals(other.variant));
    }

    @Override
    public String toString() {
        return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
    }
}
