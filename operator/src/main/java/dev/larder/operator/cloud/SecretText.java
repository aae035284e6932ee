package dev.larder.operator.cloud;

/** Something that no log, status or Event may show. */
public record SecretText(String reveal) {

    @Override
    public String toString() {
        return "***";
    }
}
