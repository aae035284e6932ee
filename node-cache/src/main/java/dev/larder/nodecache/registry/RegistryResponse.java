package dev.larder.nodecache.registry;

import java.util.Map;

/**
 * An answer as a value, 200 or 206.
 *
 * @param partial 206
 */
public record RegistryResponse(boolean partial, Map<String, String> headers, Body body, Outcome outcome) {

    public RegistryResponse {
        headers = Map.copyOf(headers);
    }

    RegistryResponse(Map<String, String> headers, Body body, Outcome outcome) {
        this(false, headers, body, outcome);
    }
}
