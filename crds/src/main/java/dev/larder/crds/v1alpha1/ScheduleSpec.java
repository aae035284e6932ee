package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** When the upstream is looked at: one HEAD request a tag. A run that was missed is made up for once. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ScheduleSpec(
        @JsonPropertyDescription("""
                Five fields as in crontab. Each resource is moved by up to a tenth of the interval, at most 5 minutes, so \
                that not all come at once.""")
        @Default("0 * * * *")
        @Size(min = 9, max = 128)
        @ValidationRule(
                value = "self.matches('^[^ ]+( [^ ]+){4}$')",
                message = "cron must have five fields, minute hour day month weekday, such as 0 3 * * *")
        String cron,

        @JsonPropertyDescription("As in Europe/Berlin.") @Default("UTC") @Size(min = 1, max = 64)
        String timeZone) {

    public static final ScheduleSpec DEFAULT = new ScheduleSpec("0 * * * *", "UTC");

    public ScheduleSpec {
        cron = cron == null ? "0 * * * *" : cron;
        timeZone = timeZone == null ? "UTC" : timeZone;
    }
}
