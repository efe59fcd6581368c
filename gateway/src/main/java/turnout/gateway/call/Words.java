package turnout.gateway.call;

/** Words of a caller on their way back to it. */
public final class Words {
    private static final int LONGEST = 256;

    private Words() {}

    /** Cut where it is too long to be repeated in a message. */
    public static String cut(String word) {
        return word.length() <= LONGEST ? word : word.substring(0, LONGEST) + "...";
    }
}
