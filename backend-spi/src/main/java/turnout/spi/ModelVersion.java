package turnout.spi;

/**
 * A version of a model: one numbered, immutable artefact.
 *
 * @param model the model's name
 * @param number the version's number, 0 or greater
 */
public record ModelVersion(String model, long number) implements Comparable<ModelVersion> {
    public ModelVersion {
        if (model.isBlank()) {
            throw new IllegalArgumentException("a model's name must not be blank");
        }
        if (number < 0) {
            throw new IllegalArgumentException("version of " + model + " must be at least 0, was " + number);
        }
    }

    @Override
    public int compareTo(ModelVersion other) {
        int byModel = model.compareTo(other.model);
        return byModel != 0 ? byModel : Long.compare(number, other.number);
    }

    @Override
    public String toString() {
        return model + " version " + number;
    }
}
