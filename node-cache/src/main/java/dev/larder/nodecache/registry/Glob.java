package dev.larder.nodecache.registry;

import java.util.regex.Pattern;

/** A pattern over names: {@code *} stands for any text, slashes included, {@code ?} for one character. */
record Glob(Pattern pattern) {

    static Glob of(String text) {
        StringBuilder regex = new StringBuilder();
        // Several stars in a row mean what one does, and would cost the matcher dearly.
        text.replaceAll("\\*+", "*").chars().forEach(c -> {
            switch (c) {
                case '*' -> regex.append(".*");
                case '?' -> regex.append('.');
                default -> regex.append(Pattern.quote(Character.toString(c)));
            }
        });
        return new Glob(Pattern.compile(regex.toString()));
    }

    boolean matches(String name) {
        return pattern.matcher(name).matches();
    }
}
