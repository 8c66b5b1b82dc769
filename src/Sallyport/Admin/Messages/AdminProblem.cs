namespace Sallyport.Admin;

/// <summary>The body of every refusal of the admin API: what went wrong and what the caller can do about it.</summary>
internal sealed record AdminProblem(string Error, string? Next = null);
