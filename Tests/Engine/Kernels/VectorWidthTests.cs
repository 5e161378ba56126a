using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Tests.Engine.Kernels.Attention;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Kernels;

/// <summary>Machines of one swarm differ in the width of their vectors; what they compute must not.</summary>
public sealed class VectorWidthTests
{
    private const string ExpectedVariable = "MANAGEDSWARM_TEST_EXPECTED";

    private static readonly int[] Tokens = [1, .. Enumerable.Range(0, 21).Select(i => 3 + (i * 37 % 200))];

    /// <summary>What the runtime can be told to do without, most at last.</summary>
    private static readonly string[] Extensions = ["DOTNET_EnableAVX512", "DOTNET_EnableAVX2", "DOTNET_EnableHWIntrinsic"];

    [Fact]
    public async Task A_cpu_with_narrower_vectors_computes_the_same_bits()
    {
        if (ChildTest.IsChild)
        {
            Assert.False(Vector512.IsHardwareAccelerated, "the runtime was to do without");
            Assert.Equal(Environment.GetEnvironmentVariable(ExpectedVariable), await ComputeBitsAsync());
            return;
        }

        var expected = await ComputeBitsAsync();
        foreach (var extension in Extensions)
        {
            await ChildTest.RunAgainAsync(typeof(VectorWidthTests), [(extension, "0"), (ExpectedVariable, expected)]);
        }
    }

    /// <summary>All results of all float kernels, and the logits of models of all tensor types.</summary>
    private static async Task<string> ComputeBitsAsync()
    {
        var models = new List<string>();
        foreach (var model in TinyModels.Names)
        {
            using var device = new CpuDevice(threads: 2, KernelKind.Fast);
            await using var forcing = TinyModels.Open(device, model, KvType.F16);
            var logits = await forcing.ComputeLogitsAsync(Tokens, 11, TestContext.Current.CancellationToken);
            models.Add($"{model}: {Hash(logits)}");
        }

        return $"{Hash([.. FloatKernels(), .. Attention(), .. Rotations()])}\n{string.Join('\n', models)}";
    }

    /// <summary>At lengths with and without a tail.</summary>
    private static unsafe List<float[]> FloatKernels()
    {
        var random = new Random(3);
        var results = new List<float[]>();
        foreach (var length in (int[])[1, 15, 16, 22, 64, 131, 512])
        {
            float[] a = Values(random, length), b = Values(random, length);
            var dot = new float[1];
            fixed (float* x = a, y = b, d = dot)
            {
                *d = VectorMath.Dot(x, y, length);
                VectorMath.AddScaled(x, y, 0.37f, length);
                VectorMath.RmsNorm(x, x, y, length, 1e-5f);
                VectorMath.SwiGlu(x, y, length);
                VectorMath.Softmax(y, length);
                VectorMath.Add(x, y, length);
            }

            results.AddRange([dot, a, b]);
        }

        return results;
    }

    private static string Hash(IEnumerable<float[]> results)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var values in results)
        {
            hash.AppendData(MemoryMarshal.AsBytes<float>(values));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>A prompt of more than a span, then one token, in all formats of the cache.</summary>
    private static List<float[]> Attention()
    {
        var results = new List<float[]>();
        foreach (var type in Enum.GetValues<KvType>())
        {
            foreach (var shape in (string[])["4/1x22", "8/2x64", "3/3x40:80"])
            {
                using var bed = new AttentionBed(HeadShape.Parse(shape), type, threads: 2);
                var content = new MadeUpTokens(bed.Shape, 270, seed: 6);
                results.AddRange([bed.Prefill(1, content, 269), bed.Step([], (content, new Segment(1, 269, 1)))[0], bed.Read(1, 0, 270).Keys]);
            }
        }

        return results;
    }

    private static unsafe List<float[]> Rotations()
    {
        var random = new Random(4);
        var results = new List<float[]>();
        foreach (var kind in Enum.GetValues<RopeKind>())
        {
            float[] heads = Values(random, 3 * 46), cosines = Values(random, 21), sines = Values(random, 21);
            fixed (float* h = heads)
            {
                Rotation.Apply(h, 3, 46, kind, cosines, sines);
            }

            results.Add(heads);
        }

        return results;
    }

    private static float[] Values(Random random, int length) => [.. Enumerable.Range(0, length).Select(_ => (float)((random.NextDouble() * 8) - 4))];
}
