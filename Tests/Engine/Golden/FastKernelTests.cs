using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Golden;

/// <summary>The fast kernels against the reference kernels on trained models, fed the texts of the goldens.</summary>
public sealed class FastKernelTests
{
    /// <summary>Divergence, agreement and perplexity of 8-bit activations, on weights of 4 bits and more.</summary>
    private static readonly Bounds Quantized = new(0.002, 0.99, 0.01);

    /// <summary>On weights of 2 and 3 bits: they make small models so undecided that more near-ties fall the other way.</summary>
    private static readonly Bounds FewBits = Quantized with { Agreement = 0.97 };

    /// <summary>Weights of floats: nothing is quantised, sums are made in another order.</summary>
    private static readonly Bounds Floats = new(1e-9, 0.999, 1e-4);

    public static TheoryData<string> Models()
    {
        var names = SharedData.Names("golden", "*.json").Where(name => !name.EndsWith(".deq", StringComparison.Ordinal)).ToArray();
        return new(names.Length > 0 ? names : ["stories260K.Q4_K_M"]);
    }

    [Theory]
    [MemberData(nameof(Models), DisableDiscoveryEnumeration = true)]
    public async Task Are_near_the_reference_kernels(string model)
    {
        var found = await CompareAsync(model, TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine($"{model}: {found}");
        var bounds = BoundsOf(model);
        Assert.True(found.Divergence <= bounds.Divergence, $"{found}; allowed is a mean divergence of {bounds.Divergence}");
        Assert.True(found.Agreement >= bounds.Agreement, $"{found}; needed is a top-1 agreement of {bounds.Agreement:P1}");
        Assert.True(Math.Abs(found.PerplexityRatio - 1) <= bounds.Perplexity, $"{found}; perplexity may differ by {bounds.Perplexity:P2}");
    }

    private static Bounds BoundsOf(string model)
    {
        var type = model.Split('.').Skip(1).FirstOrDefault("f32");
        return type is "f32" or "F16" or "BF16" ? Floats : type is "Q2_K" or "Q3_K_M" ? FewBits : Quantized;
    }

    private static async Task<Comparison> CompareAsync(string model, CancellationToken cancellationToken)
    {
        using var referenceDevice = new CpuDevice(kernels: KernelKind.Reference);
        using var fastDevice = new CpuDevice(kernels: KernelKind.Fast);
        var path = SharedData.Require($"models/{model}.gguf");
        await using var reference = new TeacherForcing(referenceDevice, path);
        await using var fast = new TeacherForcing(fastDevice, path);
        var comparison = new Comparison();
        foreach (var golden in GoldenCase.Load(model))
        {
            int[] tokens = [.. golden.PromptTokens, .. golden.Tokens];
            var expected = await reference.ComputeLogitsAsync(tokens[..^1], tokens.Length, cancellationToken);
            var found = await fast.ComputeLogitsAsync(tokens[..^1], tokens.Length, cancellationToken);
            for (var i = 0; i < found.Length; i++)
            {
                comparison.Add(GoldenComparison.LogProbs(expected[i]), GoldenComparison.LogProbs(found[i]), tokens[i + 1]);
            }
        }

        return comparison;
    }

    /// <param name="Divergence">Mean of KL(reference ‖ fast), at most.</param>
    /// <param name="Agreement">Share of positions with the same likeliest token, at least.</param>
    /// <param name="Perplexity">Relative difference, at most.</param>
    private sealed record Bounds(double Divergence, double Agreement, double Perplexity);

    /// <summary>Sums over all positions.</summary>
    private sealed class Comparison
    {
        private double _divergence;
        private double _logRatio;
        private int _same;
        private int _count;

        public double Divergence => _divergence / _count;

        public double Agreement => (double)_same / _count;

        public double PerplexityRatio => Math.Exp(_logRatio / _count);

        public void Add(double[] expected, double[] found, int next)
        {
            _divergence += expected.Zip(found, (p, q) => Math.Exp(p) * (p - q)).Sum();
            _logRatio += expected[next] - found[next];
            _same += Array.IndexOf(expected, expected.Max()) == Array.IndexOf(found, found.Max()) ? 1 : 0;
            _count++;
        }

        public override string ToString() =>
            $"{_count} positions: mean divergence {Divergence:E2}, top-1 agreement {Agreement:P2}, perplexity × {PerplexityRatio:F5}";
    }
}
