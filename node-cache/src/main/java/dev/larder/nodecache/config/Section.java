package dev.larder.nodecache.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One mapping of the file being read: hands out typed values by key, collects what is wrong, and on {@link #close}
 * complains of the keys nobody asked for. Reading goes on after a problem, so that one run names them all.
 */
final class Section implements AutoCloseable {

    private final String path;
    private final Map<?, ?> values;
    private final Collection<Problem> problems;
    private final Set<String> asked = new HashSet<>();

    Section(String path, Map<?, ?> values, Collection<Problem> problems) {
        this.path = path;
        this.values = values;
        this.problems = problems;
    }

    String at(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    void problem(String key, String message) {
        problems.add(new Problem(key.isEmpty() ? path : at(key), message));
    }

    /** The value of a key, absent when the key is missing or says nothing ({@code key:}). */
    private @Nullable Object value(String key) {
        asked.add(key);
        return values.get(key);
    }

    Section section(String key) {
        Object value = value(key);
        if (value instanceof Map<?, ?> map) {
            return new Section(at(key), map, problems);
        }
        if (value != null) {
            problem(key, "must be a mapping of keys, not " + describe(value));
        }
        return new Section(at(key), Map.of(), problems);
    }

    List<Section> sections(String key) {
        List<Section> sections = new ArrayList<>();
        int index = 0;
        for (Object element : list(key)) {
            String place = at(key) + "[" + index++ + "]";
            if (element instanceof Map<?, ?> map) {
                sections.add(new Section(place, map, problems));
            } else {
                problems.add(new Problem(place, "must be a mapping of keys, not " + describe(element)));
            }
        }
        return sections;
    }

    List<String> strings(String key) {
        List<String> strings = new ArrayList<>();
        int index = 0;
        for (Object element : list(key)) {
            if (element instanceof String string && !string.isEmpty()) {
                strings.add(string);
            } else {
                problem(key + "[" + index + "]", "must be a text, not " + describe(element));
            }
            index++;
        }
        return strings;
    }

    private List<?> list(String key) {
        Object value = value(key);
        if (value instanceof List<?> list) {
            return list;
        }
        if (value != null) {
            problem(key, "must be a list, not " + describe(value));
        }
        return List.of();
    }

    Optional<String> text(String key) {
        Object value = value(key);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof String || value instanceof Number) {
            return Optional.of(value.toString());
        }
        problem(key, "must be a text, not " + describe(value));
        return Optional.empty();
    }

    boolean flag(String key, boolean otherwise) {
        Object value = value(key);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Boolean flag) {
            return flag;
        }
        problem(key, "must be true or false, not " + describe(value));
        return otherwise;
    }

    int number(String key, int otherwise, int least, int most) {
        Object value = value(key);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Integer number && number >= least && number <= most) {
            return number;
        }
        problem(key, "must be a whole number from " + least + " to " + most + ", not " + describe(value));
        return otherwise;
    }

    /** A text that {@code parse} understands; its IllegalArgumentException becomes a problem that quotes the value. */
    <T> Optional<T> parsed(String key, Function<String, T> parse) {
        return text(key).flatMap(text -> {
            try {
                return Optional.of(parse.apply(text));
            } catch (IllegalArgumentException e) {
                problem(key, "\"" + text + "\": " + e.getMessage());
                return Optional.empty();
            }
        });
    }

    Duration duration(String key, Duration otherwise, Duration least, Duration most) {
        Duration duration = duration(key, least, most);
        return duration == null ? otherwise : duration;
    }

    /** Null when the key is missing or wrong. */
    @Nullable
    Duration duration(String key, Duration least, Duration most) {
        Duration duration = parsed(key, Durations::parse).orElse(null);
        if (duration != null && (duration.compareTo(least) < 0 || duration.compareTo(most) > 0)) {
            problem(
                    key,
                    "must be from " + Durations.print(least) + " to " + Durations.print(most) + ", not "
                            + Durations.print(duration));
            return null;
        }
        return duration;
    }

    <E extends Enum<E>> E choice(String key, E otherwise, Map<String, E> choices) {
        return text(key)
                .map(text -> {
                    E choice = choices.get(text);
                    if (choice == null) {
                        problem(
                                key,
                                "\"" + text + "\" is not one of "
                                        + String.join(
                                                ", ",
                                                choices.keySet().stream()
                                                        .sorted()
                                                        .toList()));
                        return otherwise;
                    }
                    return choice;
                })
                .orElse(otherwise);
    }

    /** Whether nothing at all is written here. */
    boolean isEmpty() {
        return values.isEmpty();
    }

    @Override
    public void close() {
        for (Object key : values.keySet()) {
            if (!(key instanceof String name) || !asked.contains(name)) {
                problem(
                        String.valueOf(key),
                        "is not a key of this version; known here: "
                                + String.join(", ", asked.stream().sorted().toList()));
            }
        }
    }

    private static String describe(@Nullable Object value) {
        return switch (value) {
            case null -> "nothing";
            case Map<?, ?> ignored -> "a mapping";
            case List<?> ignored -> "a list";
            default -> "\"" + value + "\"";
        };
    }
}
