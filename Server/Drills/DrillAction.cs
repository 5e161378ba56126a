using System.Globalization;

namespace ManagedSwarm.Server.Drills;

/// <summary>What happens to the model's stages during one reply.</summary>
/// <param name="Stages">Whose workers are hit, all at once; the first stage is 1.</param>
/// <param name="Fault">By what.</param>
/// <param name="At">When so many tokens of the reply have come; 0: when the request has been sent.</param>
internal sealed record DrillAction(IReadOnlyList<int> Stages, DrillFault Fault, int At)
{
    /// <summary>What users write for <see cref="At"/> 0.</summary>
    public const string Prefill = "prefill";

    public string StagesText => string.Join('+', Stages);

    public string FaultText => TextOf(Fault);

    public string AtText => At == 0 ? Prefill : At.ToString(CultureInfo.InvariantCulture);

    /// <summary>What users write for a fault.</summary>
    public static string TextOf(DrillFault fault) => fault.ToString().ToLowerInvariant();

    public override string ToString() => $"{FaultText} stage {StagesText} at {AtText}";
}
