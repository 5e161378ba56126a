namespace ManagedSwarm.Engine.Tokenization;

/// <summary>What a token is for: the values of <c>tokenizer.ggml.token_type</c> (SentencePiece's piece types, and 0).</summary>
internal enum TokenType
{
    /// <summary>Nothing said; taken for <see cref="Normal"/>.</summary>
    Undefined = 0,

    /// <summary>A piece of text.</summary>
    Normal = 1,

    /// <summary>Stands for what the vocabulary cannot spell.</summary>
    Unknown = 2,

    /// <summary>A mark of the model's own, such as BOS: never made from a user's text.</summary>
    Control = 3,

    /// <summary>A piece of text that is always one token, wherever it stands.</summary>
    UserDefined = 4,

    /// <summary>Not used in training; taken for <see cref="Normal"/>.</summary>
    Unused = 5,

    /// <summary>One byte, written as <c>&lt;0x0A&gt;</c>.</summary>
    Byte = 6,
}
