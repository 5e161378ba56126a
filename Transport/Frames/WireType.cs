namespace ManagedSwarm.Transport.Frames;

/// <summary>What hidden states are sent as between stages; one for all hops of a plan.</summary>
public enum WireType
{
    /// <summary>The bits as they are: a split model computes exactly what a whole one does.</summary>
    F32 = 0,

    /// <summary>
    /// Half the bytes. Each value is rounded to 11 bits: its relative error is at most 2^-11, and below 2^-14 its error at most 2^-25;
    /// beyond ±65504 it becomes that.
    /// </summary>
    F16 = 1,

    /// <summary>
    /// 36 bytes for 32 values: 8 bits each with one f32 scale. A value's error is at most 1/254 of the largest magnitude among its 32.
    /// </summary>
    Q8 = 2,
}
