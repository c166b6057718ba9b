import { pureParts } from './parts/pure.ts';
const parts = pureParts();
for (let r=0;r<3;r++) for (const p of parts) { const v = await p.measure(400); if(r>0) console.log(p.name.padEnd(50), v.toFixed(2)); }
