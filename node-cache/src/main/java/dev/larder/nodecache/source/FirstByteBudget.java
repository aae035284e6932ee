package dev.larder.nodecache.source;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How the time until the first byte is divided among the sources of a registry, so that a slow one leaves the next its
 * part: pure. A source that asks for a time of its own gets no more than that; the others share the rest alike.
 */
public final class FirstByteBudget {

    private final List<Optional<Duration>> own;
    private final List<Duration> parts;
    private final Duration whole;

    /**
     * The parts, in the order of the sources.
     *
     * @param general for all together, when that is enough
     * @param own what each asks for, if it does; not empty
     */
    public FirstByteBudget(Duration general, List<Optional<Duration>> own) {
        this.own = List.copyOf(own);
        Duration asked = sum(own.stream().flatMap(Optional::stream).toList());
        long others = own.stream().filter(Optional::isEmpty).count();
        Duration fair = general.dividedBy(own.size());
        Duration rest = general.minus(asked).dividedBy(Math.max(1, others));
        Duration part = rest.compareTo(fair) > 0 ? rest : fair;
        this.parts = own.stream().map(wish -> wish.orElse(part)).toList();
        Duration together = sum(parts);
        this.whole = together.compareTo(general) > 0 ? together : general;
    }

    private static Duration sum(List<Duration> durations) {
        return durations.stream().reduce(Duration.ZERO, Duration::plus);
    }

    /** How long the sources may take together. */
    public Duration whole() {
        return whole;
    }

    /**
     * When one source must have answered.
     *
     * @param others those that come after it
     * @param putOff which of these were in trouble a moment ago: they keep little, since most likely they need it least
     */
    Deadline of(int source, Deadline deadline, List<Integer> others, List<Integer> putOff) {
        double mine = Objects.requireNonNull(parts.get(source)).toNanos();
        double left = mine;
        for (int other : others) {
            double part = parts.get(other).toNanos();
            left += putOff.contains(other) ? part / 5 : part;
        }
        Deadline share =
                Deadline.in(Duration.ofNanos((long) (deadline.remaining().toNanos() * (mine / left))));
        return own.get(source).map(share::orIn).orElse(share);
    }
}
