namespace ManagedSwarm.Engine.Generation;

/// <summary>
/// A reply that another generator began, which is to be gone on with. The same model, device and request give the same events behind it as
/// the other one would have given. Its tokens count as the reply's, and are computed as a prompt's are.
/// </summary>
/// <param name="Tokens">Those that were reported, in their order.</param>
/// <param name="TextLength">How long the text is that was reported, in UTF-16 characters.</param>
public sealed record BegunReply(IReadOnlyList<int> Tokens, int TextLength);
