export function NewTool() { return null; }
