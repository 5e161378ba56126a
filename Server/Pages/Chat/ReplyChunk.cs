namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>A part of a reply as it arrives.</summary>
/// <param name="At">When: a timestamp of the clock.</param>
/// <param name="Text">May be empty.</param>
/// <param name="Finish">The API's word for why the reply is at its end; null: it is not.</param>
/// <param name="Usage">Null: not in this part.</param>
/// <param name="Nodes">Who has computed it; null: not in this part.</param>
internal sealed record ReplyChunk(long At, string Text = "", string? Finish = null, ChunkUsage? Usage = null, IReadOnlyList<ReplyNode>? Nodes = null);
