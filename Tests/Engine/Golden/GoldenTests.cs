using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Golden;

/// <summary>Every model of ../shared/models against llama.cpp's answers, the model fed llama.cpp's own tokens.</summary>
public sealed class GoldenTests
{
    /// <summary>llama.cpp in f32 on the same (dequantized) weights differs by rounding alone.</summary>
    private const double LogProbTolerance = 2e-3;

    /// <summary>Where llama.cpp itself is this undecided, either token is right.</summary>
    private const float UndecidedGap = 4e-3f;

    public static TheoryData<DeviceKind, string> ExactGoldens() => OnEachDevice(IsExact);

    public static TheoryData<DeviceKind, string> RoundedGoldens() => OnEachDevice(name => name.EndsWith("F16", StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(ExactGoldens), DisableDiscoveryEnumeration = true)]
    public async Task Agrees_with_llama_cpp(DeviceKind kind, string golden)
    {
        using var device = TestDevices.Open(kind);
        await GoldenComparison.RequireAgreementAsync(device, golden, LogProbTolerance, UndecidedGap, TestContext.Current.CancellationToken);
    }

    /// <summary>llama.cpp rounds activations to the weights' type there, so near-ties may fall the other way.</summary>
    [Theory]
    [MemberData(nameof(RoundedGoldens), DisableDiscoveryEnumeration = true)]
    public async Task Chooses_what_llama_cpp_chooses_where_that_rounds_activations(DeviceKind kind, string golden)
    {
        using var device = TestDevices.Open(kind);
        var agreement = await GoldenComparison.TopAgreementAsync(device, golden, TestContext.Current.CancellationToken);
        var needed = golden.EndsWith("BF16", StringComparison.Ordinal) ? 0.98 : 0.99;
        Assert.True(agreement >= needed, $"top-1 agreement is {agreement:P1}; needed is {needed:P0}");
    }

    private static TheoryData<DeviceKind, string> OnEachDevice(Func<string, bool> chosen) =>
        new(TestDevices.Kinds.SelectMany(kind => Goldens().Where(chosen).Select(golden => (kind, golden))));

    // Where they are absent, a name of each kind stands for them, so that the tests say why they are skipped.
    private static string[] Goldens()
    {
        string[] names = [.. SharedData.Names("golden", "*.json")];
        return names.Length > 0 ? names : ["stories260K", "stories260K.F16"];
    }

    private static bool IsExact(string golden) =>
        golden.EndsWith(".deq", StringComparison.Ordinal) || golden.EndsWith(".f32", StringComparison.Ordinal) || golden == "stories260K";
}
