package dev.larder.operator.mirroredimage;

/**
 * Something that is wrong with a MirroredImage, or with what it names.
 *
 * @param field where, as in {@code spec.tags.regex}
 * @param message the value and what to write instead
 */
record Problem(String field, String message) {

    @Override
    public String toString() {
        return field + ": " + message;
    }
}
