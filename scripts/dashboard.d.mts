export function hasDashboard(): boolean;
export function buildDashboard(): Promise<void>;
