import fs from 'fs';
const N=+process.argv[2]||1000;
const id=i=>`2026-11-22 09:52:${String(i%60).padStart(2,'0')}.${String(100000+i).padStart(6,'0')}Z`;
const databags={};for(const i of Array.from({length:N},(_,i)=>String(i)).sort().map(Number))databags['app/'+i]={coordinator:JSON.stringify({restart:id(i)}).replace(':',': '),'coordinator-v1':`{"done": {}, "v": 1}`};
const members=Array.from({length:N-1},(_,i)=>"app/"+(i+1)).sort();
const start=JSON.stringify({op:'start',unit:'app/0',now:'2026-11-23 09:52:56.123456Z',context:'hook',hook:'x',leader:true,age:0.1,store:'application',relation:true,databags,members,settings:{},flags:[],policy:'serial'});
const end=JSON.stringify({op:'end',now:'2026-11-23 09:52:56.123456Z',age:1}),ans=JSON.stringify({op:'answer',what:'leader',result:true,age:0});
const E=new TextEncoder(),D=new TextDecoder('utf-8',{fatal:true});
const B=[start,end,ans].map(x=>E.encode(x));
const total=B.reduce((a,b)=>a+b.length,0);

const mod=new WebAssembly.Module(fs.readFileSync(process.argv[3]));
const i=new WebAssembly.Instance(mod).exports;
const cnt=()=>{const b=new Uint8Array(i.memory.buffer);let n=0,last=0;for(let p=0;p<b.length;p+=4096){let z=true;for(let q=p;q<p+4096;q++)if(b[q]){z=false;break}if(!z){n++;last=p/4096}}return [n,last,b.length/4096]};
console.log('fresh',cnt());
for(const b of B){const p=i.coordinator_alloc(b.length)>>>0;new Uint8Array(i.memory.buffer,p,b.length).set(b);i.coordinator_call(p,b.length);console.log('after',cnt())}
// cost of touching
const W=new WebAssembly.Module(Uint8Array.from([0,97,115,109,1,0,0,0,5,3,1,0,64,7,5,1,1,109,2,0]));
for(const n of [0,1,32,100,200,400,800]){const ts=[];for(let k=0;k<300;k++){const m=new WebAssembly.Instance(W).exports.m;const u=new Uint8Array(m.buffer);const t=performance.now();for(let p=0;p<n;p++)u[p*4096]=1;ts.push(performance.now()-t)}ts.sort((a,b)=>a-b);console.log('touch',n,ts[150].toFixed(4),(ts[150]/n*1000).toFixed(2)+'us')}
{const ts=[];for(let k=0;k<300;k++){const t=performance.now();new WebAssembly.Instance(mod);ts.push(performance.now()-t)}ts.sort((a,b)=>a-b);console.log('inst',ts[150])}
{const ts=[];for(let k=0;k<300;k++){const t=performance.now();const m=new WebAssembly.Instance(W).exports.m;ts.push(performance.now()-t)}ts.sort((a,b)=>a-b);console.log('inst min',ts[150])}
{const ts=[];for(let k=0;k<300;k++){const t=performance.now();const m=new WebAssembly.Instance(W).exports.m; m.grow(100);ts.push(performance.now()-t)}ts.sort((a,b)=>a-b);console.log('inst min+grow',ts[150])}
