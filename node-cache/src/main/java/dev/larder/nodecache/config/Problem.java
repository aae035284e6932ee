package dev.larder.nodecache.config;

/**
 * One thing wrong with a config file.
 *
 * @param path where, as in {@code registries[0].upstreams[1].url}; empty for the file itself
 * @param message what is wrong, the value, and what to write instead
 */
public record Problem(String path, String message) {

    @Override
    public String toString() {
        return path.isEmpty() ? message : path + ": " + message;
    }
}
