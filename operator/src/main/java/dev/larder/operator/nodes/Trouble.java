package dev.larder.operator.nodes;

/**
 * Something that does not go away by waiting.
 *
 * @param reason one word, for programs
 * @param message what is wrong and what to do about it
 */
public record Trouble(String reason, String message) {}
