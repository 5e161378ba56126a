namespace ManagedSwarm.Transport.Membership;

/// <summary>The errors of records, in one place so that each code has one wording.</summary>
internal static class RecordErrors
{
    public static SwarmException Invalid(string what, Exception? innerException = null) =>
        new("invalid_record", $"invalid node record: {what}", innerException);

    public static SwarmException Forged(string what) => new("forged_record", $"forged node record: {what}");

    public static SwarmException TooLarge(int found) =>
        new("record_too_large", $"a node record has {found} bytes; allowed are {RecordLimits.MaxBytes}");
}
