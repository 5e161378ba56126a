using System.Runtime.Intrinsics;
using ManagedSwarm.Engine.Kernels;

namespace ManagedSwarm.Tests.Engine.Kernels;

public sealed unsafe class VectorMathTests
{
    [Fact]
    public void Exp_is_within_2e_7_of_the_exact_value()
    {
        for (var x = -87.2f; x < 88.2f; x += 0.01337f)
        {
            var exact = Math.Exp(x);
            Assert.InRange(VectorMath.Exp(Vector512.Create(x))[3], exact * (1 - 2e-7), exact * (1 + 2e-7));
        }
    }

    [Fact]
    public void Exp_knows_its_limits()
    {
        float At(float x) => VectorMath.Exp(Vector512.Create(x))[0];
        Assert.Equal(0f, At(-100));
        Assert.Equal(0f, At(float.NegativeInfinity));
        Assert.Equal(float.PositiveInfinity, At(89));
        Assert.Equal(float.PositiveInfinity, At(float.PositiveInfinity));
        Assert.Equal(1f, At(0));
        Assert.True(float.IsNaN(At(float.NaN)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(172)]
    [InlineData(2048)]
    public void Dot_softmax_norm_and_swiglu_agree_with_double_arithmetic(int length)
    {
        var random = new Random(length);
        var a = Values(random, length);
        var b = Values(random, length);
        fixed (float* pa = a, pb = b)
        {
            Assert.Equal(a.Zip(b, (x, y) => (double)x * y).Sum(), VectorMath.Dot(pa, pb, length), 1e-4 * length);
            RequireNorm(a, b, pa, pb);
            RequireSoftmax(a);
            RequireSwiGlu(a, b);
        }
    }

    private static void RequireNorm(float[] a, float[] weight, float* pa, float* pw)
    {
        var scale = 1 / Math.Sqrt((a.Sum(x => (double)x * x) / a.Length) + 1e-5);
        var result = new float[a.Length];
        fixed (float* destination = result)
        {
            VectorMath.RmsNorm(destination, pa, pw, a.Length, 1e-5f);
        }

        Assert.All(result, (value, i) => Assert.Equal(a[i] * scale * weight[i], value, 1e-4));
    }

    private static void RequireSoftmax(float[] values)
    {
        var result = values.ToArray();
        fixed (float* p = result)
        {
            VectorMath.Softmax(p, result.Length);
        }

        var sum = values.Sum(x => Math.Exp(x));
        Assert.All(result, (value, i) => Assert.Equal(Math.Exp(values[i]) / sum, value, 1e-6));
    }

    private static void RequireSwiGlu(float[] gate, float[] up)
    {
        var result = gate.ToArray();
        fixed (float* g = result, u = up)
        {
            VectorMath.SwiGlu(g, u, result.Length);
        }

        Assert.All(result, (value, i) => Assert.Equal(gate[i] / (1 + Math.Exp(-gate[i])) * up[i], value, 1e-5));
    }

    private static float[] Values(Random random, int length) => [.. Enumerable.Range(0, length).Select(_ => (float)((random.NextDouble() * 8) - 4))];
}
