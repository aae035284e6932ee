package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a MirroredImage asks for. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record MirroredImageSpec(
        @JsonPropertyDescription("""
                The repository, with its registry, as in docker.io/library/nginx. A RegistryCache must cache the registry.""")
        @Required
        @Size(min = 3, max = 255)
        @ValidationRule(
                value =
                        "self.matches('^([a-z0-9-]+([.][a-z0-9-]+)+(:[1-9][0-9]{0,4})?|[a-z0-9-]+:[1-9][0-9]{0,4})(/[a-z0-9]+(([.]|_|__|-+)[a-z0-9]+)*)+$')",
                message =
                        "source must be registry/repository such as docker.io/library/nginx: tags go into tags, digests into pins")
        @ValidationRule(
                value = "!self.matches('^docker[.]io/[^/]+$')",
                message = "source of an official image of Docker Hub is docker.io/library/NAME: add library/")
        @ValidationRule(
                value = "self == oldSelf",
                message = "source cannot change, since what was served belongs to it: make another MirroredImage")
        String source,

        @JsonPropertyDescription("Which tags. All rules given must let a tag pass.") @Required
        TagSelectionSpec tags,

        @JsonPropertyDescription("""
                Of an image for several platforms, those to have on the nodes' disks, such as linux/amd64. Empty means \
                each node's own. The image's index stays whole.""")
        @Size(max = 16)
        @ValidationRule(
                value = "self.all(p, p.matches('^[a-z0-9_.-]{1,32}/[a-z0-9_.-]{1,32}(/[a-z0-9_.-]{1,32})?$'))",
                message = "platforms must be os/architecture or os/architecture/variant, such as linux/arm64")
        List<@Size(max = 64) String> platforms,

        @JsonPropertyDescription("When the upstream is looked at.")
        ScheduleSpec schedule,

        @JsonPropertyDescription("When a digest that was found is served.")
        PromotionSpec promotion,

        @JsonPropertyDescription("""
                Tags that mean a given digest, whatever else is said here. An earlier digest makes it a rollback that stays.""") @Size(max = 200) List<PinSpec> pins,

        @JsonPropertyDescription("""
                Nothing is promoted while it is true; pins, and the annotations larder.dev/promote and \
                larder.dev/rollback-to, still count.""") Boolean hold,

        @JsonPropertyDescription("How much of what was served before is remembered, and kept on the nodes.")
        HistorySpec history,

        @JsonPropertyDescription("""
                What a digest must have before it is promoted, by whatever way. Without it nothing is asked for.""") @Nullable VerifySpec verify,

        @JsonPropertyDescription("Where what is served is to be ahead of time: on which nodes, and where else.")
        DestinationsSpec to,

        @JsonPropertyDescription("""
                The upstream is looked at and the status says what would be served; what is served stays as it is.""") Boolean dryRun) {

    public MirroredImageSpec {
        platforms = platforms == null ? List.of() : List.copyOf(platforms);
        schedule = schedule == null ? ScheduleSpec.DEFAULT : schedule;
        promotion = promotion == null ? PromotionSpec.DEFAULT : promotion;
        pins = pins == null ? List.of() : List.copyOf(pins);
        hold = hold != null && hold;
        history = history == null ? HistorySpec.DEFAULT : history;
        to = to == null ? DestinationsSpec.NONE : to;
        dryRun = dryRun != null && dryRun;
    }
}
