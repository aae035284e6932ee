package dev.larder.operator.registrycache;

/**
 * Something about a spec that the CRD's schema cannot say.
 *
 * @param field where, as in {@code spec.registries[0].upstreams[1].url}
 * @param message the value and what to write instead
 */
record Problem(String field, String message) {

    @Override
    public String toString() {
        return field + ": " + message;
    }
}
