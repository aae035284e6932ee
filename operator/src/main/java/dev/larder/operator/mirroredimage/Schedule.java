package dev.larder.operator.mirroredimage;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import dev.larder.crds.v1alpha1.ScheduleSpec;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * When an upstream is looked at: pure. Each resource is moved by its own share of the interval, always the same, so that a
 * thousand resources with one schedule do not all come at once.
 */
record Schedule(Cron cron, ZoneId zone, int seed) {

    private static final Duration MOST_JITTER = Duration.ofMinutes(5);
    /** What never comes again is looked for once a day. */
    private static final Duration NEVER = Duration.ofDays(1);

    /** @param uid the resource's */
    static Schedule of(ScheduleSpec spec, String uid) {
        return new Schedule(parser().parse(spec.cron()), ZoneId.of(spec.timeZone()), uid.hashCode());
    }

    private static CronParser parser() {
        return new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
    }

    static List<Problem> problems(ScheduleSpec spec) {
        List<Problem> problems = new ArrayList<>();
        try {
            parser().parse(spec.cron()).validate();
        } catch (IllegalArgumentException e) {
            problems.add(new Problem(
                    "spec.schedule.cron",
                    "\"" + spec.cron() + "\": " + e.getMessage()
                            + "; write minute hour day month weekday, as in 0 3 * * *"));
        }
        try {
            ZoneId.of(spec.timeZone());
        } catch (DateTimeException e) {
            problems.add(new Problem(
                    "spec.schedule.timeZone",
                    "\"" + spec.timeZone() + "\" is not a time zone: write one such as Europe/Berlin or UTC"));
        }
        return problems;
    }

    /** The next time after this one. However many were missed meanwhile, that is one. */
    Instant after(Instant last) {
        Optional<ZonedDateTime> next = next(last);
        if (next.isEmpty()) {
            return last.plus(NEVER);
        }
        Duration jitter = jitter(next.get().toInstant());
        Instant moved = next.get().toInstant().plus(jitter);
        // The run before may have been moved beyond its time, up to where it is now.
        Instant before =
                previous(last).map(time -> time.toInstant().plus(jitter)).orElse(Instant.MIN);
        return before.isAfter(last) ? before : moved;
    }

    private Duration jitter(Instant time) {
        Duration interval = next(time)
                .map(following -> Duration.between(time, following.toInstant()))
                .orElse(Duration.ZERO);
        Duration tenth = interval.dividedBy(10);
        Duration most = tenth.compareTo(MOST_JITTER) < 0 ? tenth : MOST_JITTER;
        return most.isZero() ? most : Duration.ofSeconds(Math.floorMod(seed, Math.max(1, most.toSeconds())));
    }

    private Optional<ZonedDateTime> next(Instant from) {
        return ExecutionTime.forCron(cron).nextExecution(from.atZone(zone));
    }

    private Optional<ZonedDateTime> previous(Instant from) {
        return ExecutionTime.forCron(cron).lastExecution(from.plusSeconds(1).atZone(zone));
    }
}
