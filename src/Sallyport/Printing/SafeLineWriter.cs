using System.Text;
using Sallyport.Core;

namespace Sallyport.Printing;

/// <summary>Lets whole lines through, each escaped: for what writes names that came from commands. Owns nothing.</summary>
internal sealed class SafeLineWriter(TextWriter output) : TextWriter
{
    public override Encoding Encoding => output.Encoding;

    public override void WriteLine(string? value) => output.WriteLine(SafeText.Escape(value));

    public override void Write(char value) => throw new NotSupportedException("Only whole lines can be escaped.");
}
