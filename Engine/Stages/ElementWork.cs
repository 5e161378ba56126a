using ManagedSwarm.Engine.Kernels;

namespace ManagedSwarm.Engine.Stages;

/// <summary>destination = RMSNorm(source): (tokens, size) each.</summary>
internal readonly unsafe struct NormalizeWork(float* source, float* weight, float* destination, int size, float epsilon) : ITokenWork
{
    public void Run(int first, int count)
    {
        for (var token = (long)first; token < first + count; token++)
        {
            VectorMath.RmsNorm(destination + (token * size), source + (token * size), weight, size, epsilon);
        }
    }
}

/// <summary>gate = silu(gate) * up: (tokens, size) each.</summary>
internal readonly unsafe struct SwiGluWork(float* gate, float* up, int size) : ITokenWork
{
    public void Run(int first, int count)
    {
        for (var token = (long)first; token < first + count; token++)
        {
            VectorMath.SwiGlu(gate + (token * size), up + (token * size), size);
        }
    }
}

/// <summary>sum += other: (tokens, size) each.</summary>
internal readonly unsafe struct AddWork(float* sum, float* other, int size) : ITokenWork
{
    public void Run(int first, int count)
    {
        for (var token = (long)first; token < first + count; token++)
        {
            VectorMath.Add(sum + (token * size), other + (token * size), size);
        }
    }
}
