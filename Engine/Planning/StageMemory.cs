namespace ManagedSwarm.Engine.Planning;

/// <summary>What a node gives to a model, in bytes.</summary>
/// <param name="Weights">Of its layers.</param>
/// <param name="Kv">Keys and values of its layers.</param>
/// <param name="Workspace">Scratch memory.</param>
/// <param name="Head">Embedding and output, where the node is the head.</param>
public readonly record struct StageMemory(long Weights, long Kv, long Workspace, long Head)
{
    public long Total => Weights + Kv + Workspace + Head;

    public override string ToString() =>
        $"{ByteSize.Text(Weights)} for weights, {ByteSize.Text(Kv)} for keys and values, {ByteSize.Text(Workspace)} of workspace"
        + (Head > 0 ? $", {ByteSize.Text(Head)} for embedding and output" : "");
}
